import { azureActivity } from '../../intake/azure-activity';

const own = '/subscriptions/5c1f0f7e-8d2b-4a6c-9b3e-1f2a3b4c5d6e/resourceGroups/rg-web/providers/Microsoft.Compute/virtualMachines/vm-Web-1';
const record = (more: object) => ({ time: '2026-03-01T10:00:00Z', resourceId: own.toUpperCase(), operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE', tenantId: '1e068168-e9ab-464e-8ea8-42dfe705caf2', category: 'Administrative', resultType: 'Success', ...more });
const targetOf = (more: object) => {
  const [parsed] = azureActivity.parse({ records: [record(more)] });
  return (parsed as { alert?: { target: { id: string } | null } }).alert?.target?.id;
};

test.each<[string, object, string]>([
  ['the entity', { properties: { entity: own } }, own],
  ['the authorization’s scope', { identity: { authorization: { scope: own } } }, own],
  ['an entity that is another thing is not taken', { properties: { entity: `${own}x` } }, own.toUpperCase()],
  ['nothing else to go by', {}, own.toUpperCase()],
])('an exported record names its resource in the case it was made with: %s', (_name, more, expected) => {
  expect(targetOf(more)).toBe(expected);
});
