import { ed25519 } from '@noble/curves/ed25519';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils';
import type { Vote } from '../../playbook/model/approval';
import { REQUEST_NAMESPACE, requestStatement, type Signature, type SignedAct } from '../../playbook/signed-request';
import { VOTE_NAMESPACE, voteStatement } from '../../playbook/vote-statement';

/** A signature is a vote for this long: what was signed and kept for later is none. */
export const SIGNATURE_LIFE_MS = 5 * 60_000;
/** The signer's clock may be this far ahead of the workflow's. */
const CLOCK_SKEW_MS = 60_000;
const MAGIC = utf8ToBytes('SSHSIG');
const KEY_TYPE = 'ssh-ed25519';

/**
 * What is wrong with a vote's own signature, in words; null when nothing is. A vote from the command line must carry one, by a key that
 * the directory holds for its person (32 bytes of Ed25519, hex); Slack and the console authenticate their people themselves.
 * The form is OpenSSH's SSHSIG (PROTOCOL.sshsig), so that `ssh-keygen -Y sign`, an agent or a PEM key can make it.
 */
export function signatureProblem(approval: string, vote: Vote, keys: readonly string[] | undefined): string | null {
  if (vote.via !== 'cli') return null;
  const { signature } = vote;
  if (!signature) return 'A vote from the command line must be signed with your own key.';
  return statementProblem(voteStatement(approval, vote, signature.at), VOTE_NAMESPACE, signature.sshsig, keys);
}

/** What is wrong with the signature under what a person asks for on the command line, received at `now`; null when nothing is. */
export function requestProblem(act: SignedAct, signature: Signature | undefined, keys: readonly string[], now: number): string | null {
  if (typeof signature?.at !== 'string' || typeof signature.sshsig !== 'string') return 'What is asked for on the command line must be signed with your own key.';
  if (!ofNow(signature.at, now)) return 'The signature is not of now: sign again.';
  return statementProblem(requestStatement(act, signature.at), REQUEST_NAMESPACE, signature.sshsig, keys);
}

/** Whether the signature is of now; only at the vote, not when its keys are looked up again. */
export function stale(vote: Vote, now: number): boolean {
  return vote.via === 'cli' && vote.signature !== undefined && !ofNow(vote.signature.at, now);
}

/** Whether what was signed at `at` (ISO) is still good at `now`: kept for later it is not, nor ahead of its time. */
export function ofNow(at: string, now: number): boolean {
  const signedAt = Date.parse(at);
  return signedAt > now - SIGNATURE_LIFE_MS && signedAt <= now + CLOCK_SKEW_MS;
}

function statementProblem(text: string, namespace: string, blob: string, keys: readonly string[] | undefined): string | null {
  const parts = sshsig(blob);
  if (!parts) return 'The signature is not one of an Ed25519 key in SSHSIG form.';
  if (parts.namespace !== namespace) return 'The signature was made for something else.';
  if (!keys?.includes(bytesToHex(parts.key))) return 'The signature is not by a key that the directory holds for you.';
  const digest = (parts.hash === 'sha256' ? sha256 : sha512)(utf8ToBytes(text));
  const signed = concatBytes(MAGIC, string(utf8ToBytes(namespace)), string(parts.reserved), string(utf8ToBytes(parts.hash)), string(digest));
  // zip215 false: strict verification, so that one signature has one form.
  return ed25519.verify(parts.signature, signed, parts.key, { zip215: false }) ? null : 'The signature does not cover this: who, what, why and when must be as signed.';
}

interface SshSig { key: Uint8Array; namespace: string; reserved: Uint8Array; hash: 'sha256' | 'sha512'; signature: Uint8Array }

/** The parts of an SSHSIG blob in hex; null when it is not exactly one, by an Ed25519 key. */
function sshsig(hex: string): SshSig | null {
  if (!/^([0-9a-f]{2}){100,400}$/.test(hex)) return null;
  const blob = hexToBytes(hex);
  if (bytesToHex(blob.subarray(0, 10)) !== `${bytesToHex(MAGIC)}00000001`) return null;
  const fields = strings(blob.subarray(10));
  if (fields?.length !== 5) return null;
  const [key, signature] = [typed(fields[0]!, 32), typed(fields[4]!, 64)];
  const hash = ascii(fields[3]!);
  if (!key || !signature || (hash !== 'sha256' && hash !== 'sha512')) return null;
  return { key, namespace: ascii(fields[1]!), reserved: fields[2]!, hash, signature };
}

/** `ssh-ed25519` and its bytes, as keys and signatures have it. */
function typed(bytes: Uint8Array, length: number): Uint8Array | null {
  const parts = strings(bytes);
  return parts?.length === 2 && ascii(parts[0]!) === KEY_TYPE && parts[1]!.length === length ? parts[1]! : null;
}

/** SSH strings (a length in four bytes, then that many) to the last byte; null when they do not come out even. */
function strings(bytes: Uint8Array): Uint8Array[] | null {
  const found: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    // Stryker disable next-line EqualityOperator: differs only for an empty last string, and no last field that is read may be empty
    if (at + 4 > bytes.length) return null;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return null;
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function string(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
