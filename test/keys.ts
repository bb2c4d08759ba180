import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signStatement } from '../cli/sign';
import { REQUEST_NAMESPACE, requestStatement, type Signature, type SignedAct } from '../playbook/signed-request';

const folder = mkdtempSync(join(tmpdir(), 'keys-'));
const made = new Map<string, { file: string; hex: string; line: string }>();

/** A person's own key: PEM file, public half in hex and as OpenSSH writes it. The same one at every call. */
export function keyOf(person: string): { file: string; hex: string; line: string } {
  const known = made.get(person);
  if (known) return known;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const file = join(folder, `${person}.pem`);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const blob = Buffer.concat([Buffer.from('ssh-ed25519'), raw].flatMap((part) => [Buffer.from([0, 0, 0, part.length]), part]));
  const key = { file, hex: raw.toString('hex'), line: `ssh-ed25519 ${blob.toString('base64')}` };
  made.set(person, key);
  return key;
}

/** The act as its person would sign it at `at` (milliseconds), or as somebody else's key would. */
export function signAs(act: SignedAct, at: number, by = act.person): Signature {
  const when = new Date(at).toISOString();
  return { at: when, sshsig: signStatement(requestStatement(act, when), REQUEST_NAMESPACE, keyOf(by).file) };
}
