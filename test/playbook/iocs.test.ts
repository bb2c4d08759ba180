import fc from 'fast-check';
import { collectIocs, iocsToCsv, iocsToJson, type Ioc } from '../../playbook/iocs';
import type { Artifact } from '../../playbook/model/finding';
import { account, alertOf, attackerIp, findingOf, officeIp, principal } from '../aws-investigate/support';

const artifact = (over: Partial<Artifact>): Artifact => ({ provider: 'aws', account, region: null, kind: 'user', id: 'arn:aws:iam::1:user/m', name: 'm', attribution: 'attacker', how: 'created', events: ['e1'], details: {}, ...over });
const findings = [
  findingOf({ check: '1.2.2-source-ip', facts: { addresses: [{ ip: attackerIp, country: 'DE', hostile: true, network: 'public' }, { ip: officeIp, country: 'US', hostile: false }, { ip: '10.0.0.5', hostile: true }, { ip: 'cloudformation.amazonaws.com', hostile: true }] } }),
  findingOf({ artifacts: [
    artifact({}), artifact({}), artifact({ kind: 'access-key', id: 'AKIANEW0000000000001', name: 'AKIANEW0000000000001', details: { user: 'm' } }),
    artifact({ kind: 'policy-attachment', id: 'arn:aws:iam::aws:policy/AdministratorAccess', name: 'AdministratorAccess', details: { entity: 'm' } }),
    artifact({ kind: 'user', id: 'arn:aws:iam::1:user/owner', name: 'owner', attribution: 'unattributed' }),
  ] }),
  findingOf({ check: '1.2.8-billing', summary: 'EC2 on 2026-11-20: 900 USD', facts: { spike: true } }),
];

test('the six kinds, once each, none of the owner’s', () => {
  const iocs = collectIocs({ principal, alerts: [alertOf(), alertOf()], findings });
  expect(iocs.map((one) => [one.type, one.value, one.source])).toEqual([
    ['compromised-identity', principal.id, 'CloudTrail'],
    ['attacker-ip', attackerIp, 'Event details'],
    ['access-key', 'AKIASTOLEN0000000001', 'CloudTrail'],
    ['access-key', 'AKIANEW0000000000001', 'CloudTrail'],
    ['resource-created', 'arn:aws:iam::1:user/m', 'IAM audit'],
    ['policy-attached', 'arn:aws:iam::aws:policy/AdministratorAccess', 'IAM audit'],
    ['billing-anomaly', 'EC2 on 2026-11-20: 900 USD', 'Cost Explorer'],
  ]);
  expect(JSON.parse(iocsToJson(iocs))).toEqual({ iocs: JSON.parse(JSON.stringify(iocs)) });
});

test('the alert’s address counts when the address check could not look', () => {
  expect(collectIocs({ principal, alerts: [alertOf()], findings: [] }).filter((one) => one.type === 'attacker-ip').map((one) => one.value)).toEqual([attackerIp]);
});

test('no cell is a formula, whatever the attacker names his things, and every row has seven cells', () => {
  const ioc = (value: string): Ioc => ({ type: 'resource-created', value, source: 'Cloud audit', account, firstSeen: null, lastSeen: null, details: {} });
  expect(iocsToCsv([ioc('=HYPERLINK("http://x")')])).toContain(`"'=HYPERLINK(""http://x"")"`);
  fc.assert(fc.property(fc.string(), fc.constantFrom('=', '+', '-', '@', '\t', '\r', ' =', ''), (text, lead) => {
    const csv = iocsToCsv([ioc(lead + text)]);
    const cells = cellsOf(csv).slice(7);
    expect(cells).toHaveLength(7);
    expect(cells[1]).not.toMatch(/^\s*[=+\-@\t\r\n]/);
    expect(cells[1]!.replace(/^'/, '')).toBe((lead + text).replace(/^'/, ''));
  }));
});

/** RFC 4180, read by hand: the test must not trust the writer. */
function cellsOf(csv: string): string[] {
  const cells: string[] = [];
  let at = 0;
  while (at < csv.length) {
    expect(csv[at]).toBe('"');
    let cell = '';
    for (at += 1; ; at += 1) {
      if (csv[at] === '"' && csv[at + 1] === '"') { cell += '"'; at += 1; }
      else if (csv[at] === '"') break;
      else cell += csv[at];
    }
    cells.push(cell);
    at += 1;
    at += csv[at] === ',' ? 1 : 2;
  }
  return cells;
}
