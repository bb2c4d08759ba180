import { spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CommandError, exit } from './exit';

/**
 * Signs a text with a person's own key, as SSHSIG in hex. A PEM file (PKCS #8, Ed25519) is used here; every other file goes to `ssh-keygen -Y sign`,
 * which asks for a passphrase, or lets the agent sign when the file is a public key.
 */
export function signStatement(text: string, namespace: string, keyFile: string): string {
  const file = read(keyFile);
  return file.includes('-----BEGIN PRIVATE KEY-----') ? withPem(text, namespace, file) : withSshKeygen(text, namespace, keyFile);
}

function read(keyFile: string): string {
  try {
    return readFileSync(keyFile, 'utf8');
  } catch {
    throw new CommandError(`--key: ${keyFile} cannot be read`, exit.usage);
  }
}

function withPem(text: string, namespace: string, pem: string): string {
  const key = pemKey(pem);
  const raw = createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32);
  const hash = createHash('sha512').update(text).digest();
  const signature = sign(null, Buffer.concat([Buffer.from('SSHSIG'), ...[namespace, '', 'sha512', hash].map(ssh)]), key);
  const version = Buffer.from([0, 0, 0, 1]);
  const parts = [Buffer.concat(['ssh-ed25519', raw].map(ssh)), namespace, '', 'sha512', Buffer.concat(['ssh-ed25519', signature].map(ssh))];
  return Buffer.concat([Buffer.from('SSHSIG'), version, ...parts.map(ssh)]).toString('hex');
}

function pemKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below: what the file holds is nobody's business.
  }
  throw new CommandError('--key: not an Ed25519 private key', exit.usage);
}

function withSshKeygen(text: string, namespace: string, keyFile: string): string {
  const { status, stdout, error } = spawnSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', keyFile], { input: text, stdio: ['pipe', 'pipe', 'inherit'], encoding: 'utf8' });
  if (error) throw new CommandError('--key: this kind of key needs OpenSSH’s ssh-keygen; an Ed25519 key in PEM (PKCS #8) does not', exit.usage);
  const blob = /-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----/.exec(stdout)?.[1];
  if (status !== 0 || !blob) throw new CommandError('--key: ssh-keygen did not sign', exit.failed);
  return Buffer.from(blob, 'base64').toString('hex');
}

function ssh(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
