import { describeOpening, echoOnly, networkAclOpening, publicAclGrants, reachesAdminPort, securityGroupOpenings, webOnly } from '../../exposure-analysis';
import { accountOf, isPublic, trustsOutside } from '../../policy-analysis';
import type { Json, JsonObject } from '../../json';
import type { Alert } from '../../model/alert';
import type { Kin } from '../../risk/types';
import { brief, callOf, findAll, fires, isFalse, isTrue, itemsOf, objectOf, ownOrganization, quiet, requestOf, responseOf, serviceOf, textOf, type Outcome } from '../reading';

const DOCUMENTS = ['bucketPolicy', 'policy', 'policyDocument', 'policyText', 'resourcePolicy', 'accessPolicies', 'accessPolicy', 'policyInJson', 'fileSystemPolicy', 'Policy'];
const PRINCIPALS = ['principal', 'aWSAccountIds', 'aWSAccountId', 'awsAccountIds', 'accountIds', 'accountId'];

function documentsOf(request: JsonObject): Json[] {
  const out: Json[] = [];
  for (const key of DOCUMENTS) if (request[key]) out.push(request[key]);
  const attributes = objectOf(request['attributes']);
  if (attributes['Policy']) out.push(attributes['Policy']);
  if (textOf(request['attributeName']) === 'Policy' && request['attributeValue']) out.push(request['attributeValue']);
  const nested = objectOf(request['policy'])['policyText'];
  if (nested) out.push(nested);
  for (const statement of itemsOf(request['statements'])) {
    out.push({ Statement: { Effect: 'Allow', Principal: { AWS: statement['principals'] ?? statement['principal'] ?? [] }, Action: statement['actions'] ?? '*', Resource: '*' } });
  }
  return out;
}

export function resourcePolicy(alert: Alert, kin: Kin): Outcome {
  const request = requestOf(alert);
  const documents = documentsOf(request);
  const named = PRINCIPALS.flatMap((key) => itemsOf(request[key]).map((item) => textOf(item['value']))).filter((value) => value !== '');
  if (named.length > 0 && documents.length === 0 && callOf(alert).endsWith('Permission')) {
    documents.push({ Statement: { Effect: 'Allow', Principal: { AWS: named }, Action: '*', Resource: '*' } });
  }
  if (documents.length === 0) return quiet('no-policy', 'no policy was written');
  if (serviceOf(alert) === 'es' && Object.keys(objectOf(request['vPCOptions'])).length > 0) return quiet('inside-vpc', 'the domain is inside a VPC');
  for (const document of documents) {
    const open = isPublic(document);
    if (open === null) return fires('policy-unreadable', 'what was written cannot be read as a policy document', { risk: 'high' });
    if (open) return fires('policy-public', 'the policy lets anybody in: its principal is everyone and no condition holds them back');
  }
  const outside = documents.flatMap((document) => trustsOutside(document, alert.account) ?? []);
  const first = outside.filter(({ kind, who }) => kind !== 'organization' || !ownOrganization(alert, who)).sort((a, b) => Number(a.kind === 'organization') - Number(b.kind === 'organization'))[0];
  if (!first && outside.length > 0) return quiet('policy-organization', 'the policy lets in nobody outside of the own organisation');
  if (first) return fires('policy-outside', `the policy lets in ${first.kind.replace('-', ' ')} ${brief(first.who)} outside of ${alert.account}`, { risk: first.kind === 'organization' ? 'medium' : kin.risk === 'medium' ? 'medium' : 'high' });
  return quiet('policy-closed', 'the policy lets in nobody outside of the account');
}

export function acl(alert: Alert): Outcome {
  const grants = publicAclGrants(requestOf(alert));
  if (grants.length === 0) return quiet('acl-closed', 'the access list grants nothing to everybody');
  return fires('acl-public', `the access list grants ${brief(grants.join(', '))}`, { risk: callOf(alert).endsWith('Object') || callOf(alert) === 'PutObjectAcl' ? 'high' : 'critical' });
}

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];

export function publicAccessBlock(alert: Alert): Outcome {
  const call = callOf(alert);
  const request = requestOf(alert);
  const wide = call.includes('Account') || request['accountId'] !== undefined;
  const risk = wide ? 'critical' : 'high';
  if (call.startsWith('Delete')) return fires('public-block-removed', `the block on public access was removed${wide ? ' for the whole account' : ''}`, { risk });
  const configuration = objectOf(request['PublicAccessBlockConfiguration'] ?? request['publicAccessBlockConfiguration']);
  const off = BLOCKS.filter((name) => isFalse(configuration[name] ?? configuration[name[0]!.toLowerCase() + name.slice(1)]));
  if (off.length === 0) return quiet('public-block-on', 'the block on public access is whole');
  return fires('public-block-off', `the block on public access is off in ${off.join(', ')}`, { risk });
}

/** Snapshots, images and documents given to everybody or to another account. */
export function sharedWith(alert: Alert): Outcome {
  const request = requestOf(alert);
  const added: string[] = [];
  for (const list of ['createVolumePermission', 'launchPermission', 'loadPermission']) {
    for (const item of itemsOf(objectOf(request[list])['add'])) added.push(textOf(item['group']), textOf(item['userId']), textOf(item['organizationArn']));
  }
  for (const list of ['valuesToAdd', 'accountIdsToAdd']) for (const item of itemsOf(request[list])) added.push(textOf(item['value']));
  if (textOf(request['operationType']) === 'add') for (const list of ['userId', 'userGroup', 'groups', 'userIds']) for (const item of itemsOf(request[list])) added.push(textOf(item['value']) || textOf(item['userId']) || textOf(item['group']));
  if (added.some((who) => who.toLowerCase() === 'all')) return fires('shared-with-all', 'it was shared with every AWS account', { risk: 'critical' });
  const other = added.find((who) => (/^\d{12}$/.test(who) && who !== alert.account) || (who.startsWith('arn:') && !ownOrganization(alert, who.slice(who.lastIndexOf('/') + 1))));
  if (other) return fires('shared-outside', `it was shared with ${brief(other)} outside of ${alert.account}`, { risk: 'high' });
  return quiet('not-shared', 'it was shared with nobody new outside of the account');
}

/** One switch of a service that puts something on the internet. */
export function madePublic(alert: Alert): Outcome {
  const request = requestOf(alert);
  if (textOf(request['projectVisibility']) === 'PUBLIC_READ') return fires('made-public', 'the project was made public');
  if (textOf(request['authType']) === 'NONE') return fires('made-public', 'the function’s address answers without authentication');
  if (isTrue(request['publiclyAccessible']) || isTrue(request['publicSharingEnabled'])) return fires('made-public', 'it was made reachable from the internet');
  const network = objectOf(request['resourcesVpcConfig']);
  const cidrs = itemsOf(network['publicAccessCidrs']).map((item) => textOf(item['value']));
  if (isTrue(network['endpointPublicAccess']) && (cidrs.length === 0 || cidrs.some((cidr) => cidr.endsWith('/0')))) return fires('made-public', 'the cluster’s endpoint was opened to the internet');
  return quiet('not-public', 'nothing was made public');
}

export function securityGroup(alert: Alert): Outcome {
  const all = securityGroupOpenings(requestOf(alert));
  const openings = all.filter((one) => !echoOnly(one));
  if (all.length > 0 && openings.length === 0) return quiet('ping-only', 'it lets in ICMP alone, behind which no service answers');
  const world = openings.filter(({ reach }) => reach === 'world');
  const risky = world.find(reachesAdminPort) ?? world.find((one) => !webOnly(one));
  if (risky) return fires('open-to-world', `it opens ${describeOpening(risky)}`);
  if (world[0]) return fires('web-to-world', `it opens ${describeOpening(world[0])}`, { risk: 'medium' });
  const narrow = openings.find((one) => one.reach === 'public' && reachesAdminPort(one));
  if (narrow) return fires('admin-port-to-internet', `it opens ${describeOpening(narrow)}`, { risk: 'medium' });
  if (openings.some(({ reach }) => reach === 'unreadable')) return fires('opening-unreadable', 'an address range of the rule cannot be read', { risk: 'medium' });
  return quiet('not-opened', openings.length === 0 ? 'the record shows no address that was let in' : 'it lets in only private or few addresses, on no port of administration');
}

export function networkAcl(alert: Alert): Outcome {
  const one = networkAclOpening(requestOf(alert));
  return one?.reach === 'world' ? fires('open-to-world', `it opens ${describeOpening(one)}`) : quiet('not-opened', 'the entry opens nothing to the world');
}

export function functionPermission(alert: Alert): Outcome {
  const request = requestOf(alert);
  const principal = textOf(request['principal']);
  const held = textOf(request['principalOrgID']) || textOf(request['sourceAccount']) || textOf(request['sourceArn']) || textOf(request['organizationId']);
  if (principal === '*' && !held) return fires('invoke-public', 'anybody may invoke the function', { risk: textOf(request['functionUrlAuthType']) === 'AWS_IAM' ? 'high' : 'critical' });
  const account = accountOf(principal);
  if (account !== null && account !== alert.account) return fires('invoke-outside', `${brief(principal)} outside of ${alert.account} may invoke the function`);
  return quiet('invoke-closed', 'only AWS services or the account itself may invoke it');
}

/** Another account, wherever the request names one. */
export function outsideAccount(alert: Alert): Outcome {
  const request = requestOf(alert);
  const named = ['principals', 'peerownerid', 'granteeprincipal', 'account', 'addallowedprincipals', 'ownerid'].flatMap((key) => [...findAll(request, key), ...findAll(responseOf(alert), key)]);
  const ids = named.flatMap((value) => (Array.isArray(value) ? value : [value])).map((value) => (typeof value === 'string' || typeof value === 'number' ? String(value) : ''));
  const other = ids.find((id) => id === '*' || (accountOf(id) !== null && accountOf(id) !== alert.account));
  if (other) return fires('outside-account', `${other === '*' ? 'any account' : brief(other)} outside of ${alert.account} is given a part in it`);
  return quiet('inside-account', 'no other account is named');
}
