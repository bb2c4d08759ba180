import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvalPolicy, checkVote, openApproval, SIGNATURE_LIFE_MS, type ApprovalState } from '../../approvals/policy';
import { signStatement } from '../../cli/sign';
import type { Vote } from '../../playbook/model/approval';
import { VOTE_NAMESPACE, voteStatement } from '../../playbook/vote-statement';
import { parseConfig } from '../../workers/config/load';
import { ed25519Of } from '../../workers/config/signing-key';
import { MINUTE, OTHER_DIGEST, request, T0, vote } from './fixtures';

const folder = mkdtempSync(join(tmpdir(), 'votes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A person's key as a PEM file, and its public half as the directory holds it. */
function keyOf(name: string, type: 'ed25519' | 'ed448' = 'ed25519'): { file: string; hex: string } {
  const { privateKey, publicKey } = generateKeyPairSync(type as 'ed25519') as unknown as { privateKey: KeyObject; publicKey: KeyObject };
  const file = join(folder, `${name}.pem`);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return { file, hex: publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex') };
}

const ada = keyOf('ada');
const ben = keyOf('ben');
const question = request();
const at = new Date(T0).toISOString();
const KEYS = { ada: [ada.hex], ben: [ben.hex] };

function signed(person: string, file: string, over: Partial<Vote> = {}, more: { approval?: string; at?: string } = {}): Vote {
  const cast = vote(person, 'approve', { via: 'cli', ...over });
  const when = more.at ?? at;
  return { ...cast, signature: { at: when, sshsig: signStatement(voteStatement(more.approval ?? question.id, cast, when), VOTE_NAMESPACE, file) } };
}

function open(keys: Record<string, string[]> = KEYS, approvers = ['ada', 'ben', 'cy']): ApprovalState {
  const { state } = approvalPolicy(openApproval(question, T0), { type: 'opened', now: T0 });
  return approvalPolicy(state, { type: 'approversLookedUp', generation: state.wanted, approvers, keys, now: T0 }).state;
}

const refusal = (cast: Vote, now = T0, state = open()): string | undefined => checkVote(state, cast, now)?.message;

test('a vote signed with one’s own key counts', () => expect(refusal(signed('ada', ada.file))).toBeUndefined());
test('so does one of any of one’s keys', () => expect(refusal(signed('ada', ben.file), T0, open({ ada: [ada.hex, ben.hex] }))).toBeUndefined());
test('a vote of Slack or the console needs no signature: its edge knows who it is', () => {
  for (const via of ['slack', 'console'] as const) expect(refusal(vote('cy', 'approve', { via }))).toBeUndefined();
});

test.each<[string, () => Vote, RegExp]>([
  ['unsigned', () => vote('ada', 'approve', { via: 'cli' }), /must be signed/],
  ['with somebody else’s key', () => signed('ada', ben.file), /not by a key that the directory holds for you/],
  ['with a key that nobody registered', () => signed('ada', keyOf('unknown').file), /not by a key/],
  ['of a person without keys', () => signed('cy', ada.file), /not by a key/],
  ['of a stranger with a good key', () => signed('mallory', ada.file), /not among the people/],
  ['for another question', () => signed('ada', ada.file, {}, { approval: 'apr-ffffffffffffffffffff' }), /does not cover/],
  ['for another plan', () => ({ ...signed('ada', ada.file, { digest: OTHER_DIGEST }), digest: question.digest }), /does not cover/],
  ['with the decision turned round', () => ({ ...signed('ada', ada.file), decision: 'deny' }), /does not cover/],
  ['with another reason', () => ({ ...signed('ada', ada.file), reason: 'because I say so' }), /does not cover/],
  ['under another person’s name who shares the key', () => ({ ...signed('ada', ada.file), person: 'ben' }), /not by a key/],
  ['with another time beside it', () => ((cast) => ({ ...cast, signature: { ...cast.signature!, at: new Date(T0 + 1).toISOString() } }))(signed('ada', ada.file)), /does not cover/],
  ['sent again under another click id', () => ({ ...signed('ada', ada.file), voteId: 'another' }), /does not cover/],
  ['old', () => signed('ada', ada.file, {}, { at: new Date(T0 - SIGNATURE_LIFE_MS).toISOString() }), /not of now/],
  ['dated ahead', () => signed('ada', ada.file, {}, { at: new Date(T0 + MINUTE + 1).toISOString() }), /not of now/],
  ['without a date', () => signed('ada', ada.file, {}, { at: 'today' }), /not of now/],
  ['with rubbish for a signature', () => ({ ...vote('ada', 'approve', { via: 'cli' }), signature: { at, sshsig: 'ab'.repeat(150) } }), /SSHSIG/],
  ['from nowhere', () => vote('ada', 'approve', { via: 'mail' as 'cli' }), /via/],
  ['with half a signature', () => vote('ada', 'approve', { via: 'cli', signature: { at } as Vote['signature'] }), /signature: must have/],
])('a vote %s does not count', (_name, cast, why) => {
  const given = cast();
  expect(refusal(given)).toMatch(why);
  const state = open();
  expect(approvalPolicy(state, { type: 'vote', vote: given, now: T0 }).state).toBe(state);
});

test('just fresh enough, at both ends', () => {
  expect(refusal(signed('ada', ada.file, {}, { at: new Date(T0 - SIGNATURE_LIFE_MS + 1).toISOString() }))).toBeUndefined();
  expect(refusal(signed('ada', ada.file, {}, { at: new Date(T0 + MINUTE).toISOString() }))).toBeUndefined();
});

test('no flipped, cut or added byte of a signature is taken', () => {
  const good = signed('ada', ada.file);
  const blob = good.signature!.sshsig;
  for (let index = 0; index < blob.length; index += 2) {
    const flipped = `${blob.slice(0, index)}${(Number.parseInt(blob.slice(index, index + 2), 16) ^ 1).toString(16).padStart(2, '0')}${blob.slice(index + 2)}`;
    expect(refusal({ ...good, signature: { at, sshsig: flipped } })).toBeDefined();
  }
  for (const other of [blob.slice(0, -2), `${blob}00`, `${blob}00000000`, blob.toUpperCase(), '']) expect(refusal({ ...good, signature: { at, sshsig: other } })).toBeDefined();
});

test('a signed vote that is sent again is the same vote; after the deadline it is none', () => {
  const cast = signed('ada', ada.file);
  const { state } = approvalPolicy(open(), { type: 'vote', vote: cast, now: T0 });
  expect(refusal(cast, T0, state)).toBeUndefined();
  expect(approvalPolicy(state, { type: 'vote', vote: cast, now: T0 }).state.votes).toHaveLength(1);
  const late = signed('ada', ada.file, {}, { at: new Date(T0 + question.deadlineMs).toISOString() });
  expect(refusal(late, T0 + question.deadlineMs)).toMatch(/time to answer is over/);
});

test('a key taken back before the quorum takes its vote with it', () => {
  const { state } = approvalPolicy(open(), { type: 'vote', vote: signed('ada', ada.file), now: T0 });
  const look = (keys: Record<string, string[]> | undefined): number => approvalPolicy(state, { type: 'approversLookedUp', generation: state.wanted, approvers: ['ada', 'ben'], keys, now: T0 }).state.votes.length;
  expect(look(KEYS)).toBe(1);
  expect(look({ ada: [ben.hex] })).toBe(0);
  expect(look(undefined)).toBe(0);
});

const keygen = spawnSync('ssh-keygen', ['-?']).error ? test.skip : test;
keygen('OpenSSH signs too, and what is signed for another namespace is no vote', () => {
  const file = join(folder, 'id_ed25519');
  expect(spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@example.com', '-f', file]).status).toBe(0);
  const hex = ed25519Of(readFileSync(`${file}.pub`, 'utf8'))!;
  const cast = signed('ada', file);
  expect(refusal(cast, T0, open({ ada: [hex] }))).toBeUndefined();
  const { stdout } = spawnSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'git', '-f', file], { input: voteStatement(question.id, cast, at), encoding: 'utf8' });
  const sshsig = Buffer.from(stdout.replace(/-----.*-----|\s/g, ''), 'base64').toString('hex');
  expect(refusal({ ...cast, signature: { at, sshsig } }, T0, open({ ada: [hex] }))).toMatch(/something else/);
});

test('only Ed25519 keys are registered', () => {
  expect(ed25519Of('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPDhEYlZ7SLqzMHrCbcjQw4+hOqJRcQXDjQgKBdWRtu ada@example.com')).toMatch(/^[0-9a-f]{64}$/);
  for (const line of ['', 'ssh-rsa AAAAB3NzaC1yc2E=', 'ssh-ed25519 AAAA', `ssh-ed25519 ${'A'.repeat(68)}`, 'ed25519']) expect(ed25519Of(line)).toBeNull();
});
test('another kind of key is refused before anything is signed', () => {
  expect(() => signStatement('x', VOTE_NAMESPACE, keyOf('other', 'ed448').file)).toThrow(/not an Ed25519/);
  expect(() => signStatement('x', VOTE_NAMESPACE, join(folder, 'missing'))).toThrow(/cannot be read/);
});

describe('in tourniquet.yaml', () => {
  const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEPDhEYlZ7SLqzMHrCbcjQw4+hOqJRcQXDjQgKBdWRtu';
  const example = readFileSync(join(__dirname, '..', '..', 'tourniquet.example.yaml'), 'utf8');
  const read = (text: string): string => {
    try {
      parseConfig(text);
      return 'fine';
    } catch (error) {
      return String(error);
    }
  };
  test('the example registers one', () => {
    expect(example).toContain(LINE);
    expect(read(example)).toBe('fine');
  });
  test('a key that two people hold is refused: either could vote as both', () =>
    expect(read(example.replace('- id: ben\n', `- id: ben\n    signingKeys: ["${LINE} another comment"]\n`))).toMatch(/signingKeys.*already belongs to ada/));
  test('another kind of key is refused with its line', () => expect(read(example.replace(LINE, 'ssh-rsa AAAAB3NzaC1yc2E'))).toMatch(/signingKeys.*ssh-ed25519/));
  test('role:on-call is known once there is a rota', () => {
    const asking = example.replace(/(\n {2}dual: *\{? *\n? *approvers: *\[)/, '$1"role:on-call", ');
    expect(asking).not.toBe(example);
    expect(read(asking)).toMatch(/nobody is role:on-call/);
    expect(read(`${asking}\nonCall: {kind: pagerduty, token: {env: PAGERDUTY_TOKEN}, schedules: [PSCHED1]}\n`)).toBe('fine');
    expect(read(`${asking}\nonCall: {kind: pagerduty, token: {env: PAGERDUTY_TOKEN}}\n`)).toMatch(/too wide/);
  });
});
