import type { AlertTarget } from '../playbook/model/alert';
import { membersOf, text, type Members } from './fields';

type Kind = AlertTarget['kind'];

/** Where each kind of target is named in request parameters, in the order in which they decide (an attached policy acts on the role). */
const NAMED: readonly [string, Kind][] = [
  ['userName', 'user'], ['roleName', 'role'], ['groupName', 'group'], ['roleArn', 'role'], ['bucketName', 'bucket'], ['groupId', 'security-group'], ['functionName', 'function'], ['instanceId', 'instance'],
  ['policyArn', 'policy'], ['policyName', 'policy'], ['trailName', 'trail'], ['snapshotId', 'other'], ['imageId', 'other'], ['dBSnapshotIdentifier', 'other'], ['dBInstanceIdentifier', 'other'],
  ['dBClusterIdentifier', 'other'], ['networkAclId', 'other'], ['detectorId', 'other'], ['keyId', 'other'], ['secretId', 'other'], ['clusterName', 'other'], ['targetId', 'other'],
];

const RANKED = new Map(NAMED.map(([name, kind], rank) => [name, { rank, kind }]));

/** What the call acted on, as the record names it; null when it names nothing. */
export function targetOf(service: string | null, request: Members, response: Members, account: string): AlertTarget | null {
  const at = (kind: Kind, id: string): AlertTarget => ({ kind, id: id.slice(0, 2048), account });
  if (service === 'cloudtrail.amazonaws.com' && text(request['name'])) return at('trail', text(request['name']));
  let best: { rank: number; kind: Kind } | null = null;
  let named = '';
  for (const name of Object.keys(request)) {
    const ranked = RANKED.get(name);
    const value = ranked && (best === null || ranked.rank < best.rank) ? text(request[name]) : '';
    if (value === '') continue;
    best = ranked!;
    named = value;
  }
  // In EC2, `groupName` is a security group.
  if (best !== null) return at(best.kind === 'group' && service === 'ec2.amazonaws.com' ? 'security-group' : best.kind, named);
  const made = text(membersOf(response['accessKey'])['userName']);
  if (made !== '') return at('user', made);
  const items = membersOf(response['instancesSet'])['items'] ?? membersOf(request['instancesSet'])['items'];
  const first = Array.isArray(items) ? text(membersOf(items[0])['instanceId']) : '';
  return first === '' ? null : at('instance', first);
}
