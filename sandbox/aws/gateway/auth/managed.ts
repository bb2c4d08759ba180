import { isObject } from '../protocol/shapes';
import type { Upstream } from '../upstream';
import type { Estate } from './estate';

/** Documents of managed policies: the account's own from the estate, AWS's from the emulator's copy, kept once read. */
export function managedDocuments(estate: Estate, upstream: Upstream): (arn: string, account: string) => Promise<object | null> {
  const kept = new Map<string, Promise<object | null>>();
  const read = async (arn: string): Promise<object | null> => {
    try {
      const { Policy } = await upstream.ask('iam', 'GetPolicy', { PolicyArn: arn }, '000000000000');
      const version = isObject(Policy) ? String(Policy.DefaultVersionId) : 'v1';
      const { PolicyVersion } = await upstream.ask('iam', 'GetPolicyVersion', { PolicyArn: arn, VersionId: version }, '000000000000');
      return isObject(PolicyVersion) ? (JSON.parse(decodeURIComponent(String(PolicyVersion.Document))) as object) : null;
    } catch {
      return null;
    }
  };
  return async (arn, account) => {
    const own = estate.account(account).policies.get(arn);
    if (own) return own.versions.get(own.current) ?? null;
    if (!arn.startsWith('arn:aws:iam::aws:policy/')) return null;
    let document = kept.get(arn);
    if (!document) kept.set(arn, (document = read(arn)));
    return document;
  };
}
