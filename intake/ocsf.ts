import type { Alert } from '../playbook/model/alert';
import { azureSession } from './azure-fields';
import { actorOf } from './cloudtrail-principal';
import { alertId, FieldProblem, ipOf, isMembers, join, membersOf, rejecting, required, text, type Members } from './fields';
import { identify, type Identified } from './identity';
import type { ParseOptions, ParseResult, Source } from './source';
import { unusedOf, type Unused } from './unused';

/** OCSF `severity_id`: 0 unknown, 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal, 99 other; as GuardDuty counts. */
const SEVERITY: Record<number, number> = { 0: 5, 1: 0, 2: 2, 3: 5, 4: 8, 5: 9.5, 6: 10, 99: 5 };
/** Finding `status_id`: suppressed, resolved, archived, deleted. */
const SETTLED = new Set([3, 4, 5, 6]);
/** Classes that rate a configuration or a package, not an act: vulnerability, compliance, data security and application posture. */
const POSTURE = new Set([2002, 2003, 2006, 2007]);

/** OCSF findings, the neutral form: Security Hub, Security Lake, any SIEM. One, a list, or `{"findings": […]}`. Source: OCSF schema 1.x, category Findings. */
export const ocsf: Source = {
  id: 'ocsf',
  recognises(payload) {
    const first: unknown = isMembers(payload) && Array.isArray(payload['findings']) ? payload['findings'][0] : payload;
    return isOcsf(first);
  },
  parse(payload, options = {}): ParseResult {
    if (Array.isArray(payload)) return payload.map((one, index) => ocsfFinding(one, `[${index}]`, options, 'ocsf'));
    if (isMembers(payload) && Array.isArray(payload['findings'])) return payload['findings'].map((one, index) => ocsfFinding(one, `findings[${index}]`, options, 'ocsf'));
    return [ocsfFinding(payload, '', options, 'ocsf')];
  },
};

export const isOcsf = (value: unknown): value is Members => isMembers(value) && typeof value['class_uid'] === 'number' && (isMembers(value['metadata']) || isMembers(value['finding_info']));

/** One finding of class 2001 to 2999. `source` is who sent it. */
export function ocsfFinding(finding: unknown, path: string, options: ParseOptions, source: string): ParseResult[number] {
  const result = rejecting(() => {
    if (!isMembers(finding)) throw new FieldProblem(path || '(finding)', 'must be an object');
    return alertOf(finding, path, options, source);
  });
  return 'value' in result ? { alert: result.value } : result;
}

function alertOf(finding: Members, path: string, options: ParseOptions, source: string): Alert {
  const type = finding['class_uid'];
  if (typeof type !== 'number' || !(type > 2000 && type < 3000)) throw new FieldProblem(join(path, 'class_uid'), 'must be of the category Findings (2001 to 2999)');
  const info = membersOf(finding['finding_info'] ?? finding['finding']);
  const title = text(info['title']) || required(finding, 'message', path, 1024);
  const uid = required(info, 'uid', join(path, 'finding_info'), 2048);
  const rated = finding['severity_id'];
  const severity = typeof rated === 'number' ? SEVERITY[rated] : undefined;
  if (severity === undefined) throw new FieldProblem(join(path, 'severity_id'), rated === undefined ? 'is missing' : 'is none of 0 to 6, 99');
  const evidences = (Array.isArray(finding['evidences']) ? finding['evidences'] : []).slice(0, 50).map(membersOf);
  const resources = (Array.isArray(finding['resources']) ? finding['resources'] : []).slice(0, 100).map(membersOf);
  const cloud = membersOf(finding['cloud']);
  const who = whoOf(finding, evidences, cloud, options);
  const provider = who.provider ?? providerOf(cloud);
  const account = who.account ?? text(membersOf(cloud['account'])['uid']);
  if (provider === null) throw new FieldProblem(join(path, 'cloud.provider'), text(cloud['provider']) === '' ? 'is missing' : 'is neither AWS nor Azure');
  if (account === '' || (provider === 'aws' && !/^\d{12}$/.test(account))) throw new FieldProblem(join(path, 'cloud.account.uid'), account === '' ? 'is missing' : 'must be 12 digits');
  const addresses = [...new Set([finding, ...evidences].map((one) => ipOf(membersOf(one['src_endpoint'])['ip'])).filter((ip) => ip !== null))];
  const types = Array.isArray(info['types']) ? info['types'].slice(0, 20).map(text) : [];
  const time = timeOf(path, finding['time'], info['last_seen_time'], info['modified_time'], info['created_time']);
  const attacks = [info['attacks'], finding['attacks']].flatMap((list) => (Array.isArray(list) ? list.slice(0, 20) : [])).map((one) => text(membersOf(membersOf(one)['sub_technique'])['uid']) || text(membersOf(membersOf(one)['technique'])['uid'])).filter((one) => /^T\d{4}(\.\d{3})?$/.test(one));
  const target = text(resources[0]?.['uid']) || text(resources[0]?.['name']);
  const archived = SETTLED.has(finding['status_id'] as number) || finding['activity_id'] === 3;
  const unused = archived || provider !== 'aws' ? null : unusedIn(finding, info, types, resources, path);
  return {
    id: alertId([source, account, uid, time, numberText(finding['activity_id']), numberText(finding['status_id'])].map((one) => one.slice(0, 4096))), source, provider, account: account.slice(0, 64).toLowerCase(), region: text(cloud['region']).slice(0, 64) || null, time, receivedAt: null,
    // GuardDuty’s and other products’ own type says more than the sentence.
    event: (types.find((one) => /^[A-Za-z]{1,40}:[A-Za-z0-9]{1,40}\//.test(one)) ?? title).slice(0, 512), service: text(membersOf(membersOf(finding['metadata'])['product'])['name']).slice(0, 128) || 'ocsf', outcome: 'success', errorCode: null, dryRun: false,
    principal: who.principal, session: who.session ?? (provider === 'azure' ? azureSession() : null), sourceIp: addresses[0] ?? null, userAgent: null, channel: 'unknown', target: target === '' ? null : { kind: 'other', id: target.slice(0, 2048), account }, addresses,
    facts: {
      ...(unused ? { unused: { ...unused } } : {}), severity, title: title.slice(0, 512), archived, posture: POSTURE.has(type), ...(attacks.length > 0 ? { techniques: [...new Set(attacks)] } : {}),
    },
    raw: null,
  };
}

/** OCSF `compliance.status_id` of a control that failed. */
const FAILED = 3;

/** As in ASFF: a failed control of unused credentials (class 2003), or Access Analyzer's unused access. */
function unusedIn(finding: Members, info: Members, types: readonly string[], resources: readonly Members[], path: string): Unused | null {
  const compliance = membersOf(finding['compliance']);
  const failed = compliance['status_id'] === FAILED || /^fail/i.test(text(compliance['status']));
  const product = membersOf(membersOf(finding['metadata'])['product']);
  const analyzer = /access[- ]?analyzer/i.test(`${text(product['name'])} ${text(product['uid'])} ${text(membersOf(info['analytic'])['name'])}`);
  return unusedOf({
    control: failed ? text(compliance['control']) : '', rule: failed ? text(membersOf(info['analytic'])['name']) : '', types: analyzer ? types : [],
    resources: resources.map((one, index) => ({ id: text(one['uid']), key: text(membersOf(one['data'])['accessKeyId']), path: join(path, `resources[${index}].uid`) })), path: join(path, 'finding_info.types'),
  });
}

const numberText = (value: unknown): string => (typeof value === 'number' ? String(value) : '');

const providerOf = (cloud: Members): Alert['provider'] | null => {
  const name = text(cloud['provider']).slice(0, 64).toLowerCase();
  return /aws|amazon/.test(name) ? 'aws' : /azure|microsoft|entra/.test(name) ? 'azure' : null;
};

/** The first actor that is somebody: of the finding, of its evidence. */
function whoOf(finding: Members, evidences: Members[], cloud: Members, options: ParseOptions): Identified {
  const provider = providerOf(cloud) ?? undefined;
  const account = text(membersOf(cloud['account'])['uid']) || undefined;
  for (const holder of [finding, ...evidences]) {
    const actor = membersOf(holder['actor']);
    const user = Object.keys(membersOf(actor['user'])).length > 0 ? membersOf(actor['user']) : membersOf(holder['user']);
    const accessKeyId = text(user['credential_uid']) || undefined;
    const owner = /^\d{12}$/.test(text(membersOf(user['account'])['uid'])) ? text(membersOf(user['account'])['uid']) : account;
    if (provider === 'aws' && owner !== undefined && ['Root', 'IAMUser', 'AssumedRole', 'FederatedUser'].includes(text(user['type']))) {
      const found = actorOf({ type: user['type'], userName: text(user['name']).slice(0, 1024), principalId: text(user['uid']).startsWith('arn:') ? '' : text(user['uid']).slice(0, 2048), arn: [user['uid'], user['uid_alt']].map(text).find((one) => one.startsWith('arn:'))?.slice(0, 2048) ?? '', accountId: owner, accessKeyId: accessKeyId?.slice(0, 256) }, owner, '');
      if (found.principal) return { provider, account: found.principal.account, principal: found.principal, session: found.session };
    }
    for (const id of [user['uid'], user['uid_alt'], user['email_addr'], user['name']].map(text)) {
      if (id === '' || id.length > 2048) continue;
      const found = identify({ id, name: text(user['name']).slice(0, 512) || undefined, provider, account: owner, accessKeyId }, options);
      if (found.principal) return found;
    }
  }
  return { provider: provider ?? null, account: account ?? null, principal: null, session: null };
}

/** OCSF times are milliseconds since 1970. */
function timeOf(path: string, ...candidates: unknown[]): string {
  for (const value of candidates) if (typeof value === 'number' && value > 0 && value < 8.64e15) return new Date(value).toISOString();
  throw new FieldProblem(join(path, 'time'), candidates[0] === undefined ? 'is missing' : 'must be milliseconds since 1970');
}
