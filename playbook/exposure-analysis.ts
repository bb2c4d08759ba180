import type { Json, JsonObject } from './json';
import { reachOf } from './addresses';

/** One opening in a security group, network ACL or firewall. */
export interface Opening {
  cidr: string;
  reach: 'world' | 'public' | 'private' | 'unreadable';
  /** Null: all protocols and ports. */
  ports: { from: number; to: number } | null;
  protocol: string;
}

export const objectOf = (value: Json | undefined): JsonObject => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {});
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
/** CloudTrail writes lists as `{items: […]}`, as an array, or as one object. */
export function itemsOf(value: Json | undefined): JsonObject[] {
  const list = Array.isArray(value) ? value : Array.isArray(objectOf(value)['items']) ? (objectOf(value)['items'] as Json[]) : value === undefined || value === null || value === '' ? [] : [value];
  return list.map((item) => (typeof item === 'object' ? objectOf(item) : { value: item }));
}

function portsOf(protocol: string, from: Json | undefined, to: Json | undefined): Opening['ports'] {
  if (protocol === '-1' || protocol === 'all' || protocol === '*') return null;
  const low = Number(textOf(from) || NaN);
  const high = Number(textOf(to) || textOf(from) || NaN);
  if (!Number.isFinite(low) || low < 0 || (low === 0 && high >= 65535)) return null;
  return { from: low, to: high };
}

const opening = (cidr: string, protocol: string, from: Json | undefined, to: Json | undefined): Opening => ({ cidr, reach: reachOf(cidr), ports: portsOf(protocol, from, to), protocol });

/** The openings in `AuthorizeSecurityGroupIngress` or `ModifySecurityGroupRules` request parameters (EC2 API reference; both the flat and the `ipPermissions` form). */
export function securityGroupOpenings(request: JsonObject): Opening[] {
  const out: Opening[] = [];
  if (textOf(request['cidrIp'])) out.push(opening(textOf(request['cidrIp']), textOf(request['ipProtocol']), request['fromPort'], request['toPort']));
  for (const rule of itemsOf(request['ipPermissions'])) {
    const protocol = textOf(rule['ipProtocol']);
    for (const [list, key] of [['ipRanges', 'cidrIp'], ['ipv6Ranges', 'cidrIpv6']] as const) {
      for (const range of itemsOf(rule[list])) if (textOf(range[key])) out.push(opening(textOf(range[key]), protocol, rule['fromPort'], rule['toPort']));
    }
  }
  const modify = objectOf(request['ModifySecurityGroupRulesRequest']);
  for (const rule of [...itemsOf(modify['SecurityGroupRule']), ...itemsOf(request['securityGroupRules'])]) {
    const inner = objectOf(rule['SecurityGroupRule'] ?? rule['securityGroupRule']);
    for (const key of ['CidrIpv4', 'CidrIpv6', 'cidrIpv4', 'cidrIpv6']) {
      if (textOf(inner[key])) out.push(opening(textOf(inner[key]), textOf(inner['IpProtocol'] ?? inner['ipProtocol']), inner['FromPort'] ?? inner['fromPort'], inner['ToPort'] ?? inner['toPort']));
    }
  }
  return out;
}

/** The opening that a `CreateNetworkAclEntry` or `ReplaceNetworkAclEntry` makes; null for a deny or an outbound rule. */
export function networkAclOpening(request: JsonObject): Opening | null {
  if (textOf(request['ruleAction']).toLowerCase() !== 'allow' || request['egress'] === true || request['egress'] === 'true') return null;
  const cidr = textOf(request['cidrBlock']) || textOf(request['ipv6CidrBlock']);
  const range = objectOf(request['portRange']);
  return cidr ? opening(cidr, textOf(request['aclProtocol'] ?? request['protocol']), range['from'], range['to']) : null;
}

/** Ports behind which hosts and databases are administered. */
const ADMIN_PORTS = [20, 21, 22, 23, 135, 139, 445, 1433, 1521, 2375, 2376, 2379, 3306, 3389, 4243, 5432, 5900, 5985, 5986, 6379, 6443, 8080, 8443, 9000, 9200, 9300, 10250, 11211, 27017, 50070];

export const reachesAdminPort = ({ ports }: Opening): boolean => ports === null || ADMIN_PORTS.some((port) => port >= ports.from && port <= ports.to);
/** What a public web server shows: 80 and 443, nothing else. */
export const webOnly = ({ ports }: Opening): boolean => ports !== null && ports.from === ports.to && (ports.from === 80 || ports.from === 443);

/** ICMP and ICMPv6, by name or IANA number: their "ports" are message types. */
export const echoOnly = ({ protocol }: Opening): boolean => /^(icmp(v6)?|1|58)$/i.test(protocol);

export const describeOpening = ({ cidr, ports, protocol }: Opening): string =>
  `${ports === null ? 'all ports' : ports.from === ports.to ? `port ${ports.from}` : `ports ${ports.from}-${ports.to}`}${protocol && protocol !== '-1' ? ` (${protocol.slice(0, 8)})` : ''} from ${cidr.slice(0, 48)}`;

const OPEN_GROUPS = ['allusers', 'authenticatedusers'];
const PUBLIC_CANNED = ['public-read', 'public-read-write', 'authenticated-read'];

/** Grants to everybody (`AllUsers`) or to every AWS account (`AuthenticatedUsers`) in an S3 ACL request: canned, header or XML form. Source: S3 user guide, ACL overview. */
export function publicAclGrants(request: JsonObject): string[] {
  const out: string[] = [];
  for (const canned of itemsOf(request['x-amz-acl'])) {
    const name = textOf(canned['value']).toLowerCase();
    if (PUBLIC_CANNED.includes(name)) out.push(name);
  }
  for (const header of ['x-amz-grant-read', 'x-amz-grant-write', 'x-amz-grant-read-acp', 'x-amz-grant-write-acp', 'x-amz-grant-full-control']) {
    for (const grant of itemsOf(request[header])) if (OPEN_GROUPS.some((group) => textOf(grant['value']).toLowerCase().includes(`/global/${group}`))) out.push(header);
  }
  const lists = [objectOf(objectOf(request['AccessControlPolicy'])['AccessControlList']), objectOf(request['accessControlList'])];
  for (const list of lists) {
    for (const grant of itemsOf(list['Grant'] ?? list['grant'])) {
      const uri = textOf(objectOf(grant['Grantee'] ?? grant['grantee'])['URI'] ?? objectOf(grant['Grantee'])['uri']).toLowerCase();
      const group = OPEN_GROUPS.find((one) => uri.endsWith(`/${one}`));
      if (group) out.push(`${textOf(grant['Permission'] ?? grant['permission']) || 'a grant'} to ${group === 'allusers' ? 'AllUsers' : 'AuthenticatedUsers'}`);
    }
  }
  return out;
}
