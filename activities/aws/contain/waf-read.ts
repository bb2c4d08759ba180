import { GetIPSetCommand, GetWebACLCommand, ListIPSetsCommand, ListWebACLsCommand, type Scope, type WAFV2Client } from '@aws-sdk/client-wafv2';
import { orNull } from '../eradicate/support';

export interface IpSet {
  id: string;
  name: string;
  arn: string;
  addresses: string[];
  lockToken: string;
}

/** WAFv2 pages by NextMarker and has no paginators in the SDK. */
async function pages<T>(read: (marker: string | undefined) => Promise<{ items: T[]; next: string | undefined }>): Promise<T[]> {
  const found: T[] = [];
  for (let marker: string | undefined, more = true; more; more = marker !== undefined && marker !== '') {
    const page = await read(marker);
    found.push(...page.items);
    marker = page.items.length === 0 ? undefined : page.next;
  }
  return found;
}

/** The set of this name with its addresses and a fresh lock token, or null. */
export async function findIpSet(waf: WAFV2Client, Scope: Scope, name: string): Promise<IpSet | null> {
  const sets = await pages(async (NextMarker) => {
    const page = await waf.send(new ListIPSetsCommand({ Scope, NextMarker, Limit: 100 }));
    return { items: page.IPSets ?? [], next: page.NextMarker };
  });
  const summary = sets.find((one) => one.Name === name);
  if (!summary) return null;
  const found = await orNull(waf.send(new GetIPSetCommand({ Scope, Id: summary.Id, Name: name })));
  if (!found?.IPSet) return null;
  return { id: summary.Id ?? '', name, arn: summary.ARN ?? '', addresses: found.IPSet.Addresses ?? [], lockToken: found.LockToken ?? '' };
}

/** Names of all web ACLs of the scope. */
export async function webAcls(waf: WAFV2Client, Scope: Scope): Promise<{ id: string; name: string }[]> {
  const acls = await pages(async (NextMarker) => {
    const page = await waf.send(new ListWebACLsCommand({ Scope, NextMarker, Limit: 100 }));
    return { items: page.WebACLs ?? [], next: page.NextMarker };
  });
  return acls.map((one) => ({ id: one.Id ?? '', name: one.Name ?? '' }));
}

/** Which of the web ACLs have a rule that refers to the set: without one the set blocks nobody. */
export async function referringAcls(waf: WAFV2Client, Scope: Scope, acls: readonly { id: string; name: string }[], setArn: string): Promise<string[]> {
  const found = await Promise.all(
    acls.map(async ({ id, name }) => {
      const acl = await orNull(waf.send(new GetWebACLCommand({ Scope, Id: id, Name: name })));
      return setArn !== '' && JSON.stringify(acl?.WebACL?.Rules ?? []).includes(JSON.stringify(setArn)) ? [name] : [];
    }),
  );
  return found.flat();
}
