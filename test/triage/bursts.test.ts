import fc from 'fast-check';
import { azureActivity } from '../../intake/azure-activity';
import { addPieces, BURSTS, burstAlert, burstsOf, noBurst, pieceOf, WINDOW_MS, type Burst, type BurstKind, type BurstState, type Piece } from '../../playbook/triage/bursts';
import { classify } from '../../playbook/triage/classify';
import { alertOf } from '../aws-investigate/support';

const START = Date.parse('2026-11-20T12:20:00Z');
const pieces = (count: number, apart: number, from = START): Piece[] => Array.from({ length: count }, (_, index) => ({ item: `i${index}`, at: from + index * apart }));

function told(kind: BurstKind, deliveries: readonly (readonly Piece[])[]): { bursts: Burst[]; state: BurstState } {
  let state = noBurst;
  const bursts: Burst[] = [];
  for (const delivery of deliveries) {
    const seen = addPieces(kind, state, delivery);
    state = seen.state;
    if (seen.burst) bursts.push(seen.burst);
  }
  return { bursts, state };
}

test('a burst is told once, however it is cut into deliveries, in whatever order they come, and however often', () => {
  const deliveries = fc.shuffledSubarray(pieces(30, 20_000), { minLength: 30 }).chain((shuffled) => fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 30, maxLength: 30 }).map((sizes) => {
    const cut: Piece[][] = [];
    for (let at = 0, index = 0; at < shuffled.length; at += sizes[index]!, index += 1) cut.push(shuffled.slice(at, at + sizes[index]!));
    return cut;
  }));
  fc.assert(fc.property(deliveries, (cut) => {
    const { bursts, state } = told('secrets-read', [...cut, ...cut]);
    expect(bursts).toHaveLength(1);
    expect(state.pieces).toEqual([]);
    const part = alertOf();
    expect(burstAlert('secrets-read', bursts[0]!, part).id).toBe(burstAlert('secrets-read', told('secrets-read', [pieces(30, 20_000)]).bursts[0]!, part).id);
  }), { numRuns: 200 });
});

test.each<[string, BurstKind, Piece[], number]>([
  ['nine secrets', 'secrets-read', pieces(9, 1_000), 0],
  ['ten secrets', 'secrets-read', pieces(10, 1_000), 1],
  ['ten within exactly the window', 'secrets-read', pieces(10, WINDOW_MS / 9), 1],
  ['ten, too slowly', 'secrets-read', pieces(10, WINDOW_MS / 8), 0],
  ['one secret a thousand times', 'secrets-read', Array.from({ length: 1_000 }, (_, index) => ({ item: 'same', at: START + index * 100 })), 0],
  ['the same nine all day', 'secrets-read', Array.from({ length: 900 }, (_, index) => ({ item: `i${index % 9}`, at: START + index * 60_000 })), 0],
  ['99 objects', 'objects-deleted', pieces(99, 1_000), 0],
  ['100 objects', 'objects-deleted', pieces(100, 1_000), 1],
  ['two bursts an hour apart', 'secrets-read', [...pieces(12, 1_000), ...pieces(12, 1_000, START + 3_600_000)], 2],
  ['one that goes on for an hour', 'secrets-read', pieces(600, 6_000), 1],
])('%s', (_name, kind, all, expected) => {
  expect(told(kind, all.map((piece) => [piece])).bursts).toHaveLength(expected);
});

test('what is remembered of one identity is bounded, whatever times are claimed', () => {
  fc.assert(fc.property(fc.array(fc.record({ item: fc.string({ maxLength: 4 }), at: fc.integer({ min: -8e15, max: 8e15 }) }), { maxLength: 400 }), (all) => {
    expect(told('secrets-read', [all, all]).state.pieces.length).toBeLessThanOrEqual(BURSTS['secrets-read'].distinct * 12);
  }));
});

const blob = (name: string, more: object = {}) => {
  const [parsed] = azureActivity.parse({ time: '2026-11-20T12:00:00Z', operationName: 'DeleteBlob', category: 'StorageDelete', statusCode: 202, correlationId: name, callerIpAddress: '198.51.100.66:4711', identity: { type: 'OAuth', requester: { objectId: '8b1a9953-c461-4f1b-8d5e-2b6d3a9e7c10', tenantId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' } }, resourceId: '/subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default', properties: { accountName: 'a', objectKey: `/a/c/${name}` }, ...more }, { tenant: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' });
  if (!parsed || !('alert' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.alert;
};

test('what is part of a burst, and of which', () => {
  const secret = (secretId: string, over: object = {}) => pieceOf(alertOf({ event: 'GetSecretValue', service: 'secretsmanager.amazonaws.com', facts: { request: { secretId } }, ...over }));
  expect(secret('db')).toMatchObject({ kind: 'secrets-read' });
  expect(secret('arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-a1B2c3')).toEqual(secret('db'));
  expect(secret('')).toBeNull();
  expect(secret('db', { outcome: 'failure' })).toBeNull();
  expect(secret('db', { source: 'guardduty' })).toBeNull();
  expect(pieceOf(alertOf({ event: 'DeleteObject', service: 's3.amazonaws.com', facts: { request: { bucketName: 'b', key: 'k' } } }))).toMatchObject({ kind: 'objects-deleted' });
  expect(pieceOf(blob('x'))).toMatchObject({ kind: 'objects-deleted' });
  expect(pieceOf(blob('x', { statusCode: 403 }))).toBeNull();
  expect(pieceOf(blob('x', { operationName: 'GetBlob' }))).toBeNull();
});

test('a burst is an alert of high risk with its count; one blob or one secret is none', () => {
  const [burst, ...more] = burstsOf(Array.from({ length: 120 }, (_, index) => blob(`f${index}`)));
  expect(more).toEqual([]);
  expect(classify(burst!)).toMatchObject({ status: 'alert', event: 'other-high-risk', risk: 'high', techniques: ['T1485'], reasons: [{ text: 'one identity deleted 120 different objects within 10 minutes' }] });
  expect(classify(blob('x')).status).toBe('ignored');
});

test('identities are counted apart, and few of them are remembered', () => {
  const memory = new Map<string, BurstState>();
  const by = (index: number, item: string) => ({ ...blob(item), principal: { ...blob(item).principal!, id: `p${index}` } });
  expect(burstsOf(Array.from({ length: 200 }, (_, index) => by(index % 2, `f${index}`)).slice(0, 198), memory)).toEqual([]);
  for (let index = 0; index < 2_100; index += 1) burstsOf([by(index, 'f')], memory);
  expect(memory.size).toBe(2_000);
});
