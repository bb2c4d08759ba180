import type { Alert } from '../playbook/model/alert';
import { alertId, FieldProblem, ipOf, isMembers, isoTime, join, membersOf, rejecting, required, text, type Members } from './fields';
import { awsAccount } from './aws-envelope';
import { actorOf } from './cloudtrail-principal';
import { isOcsf, ocsfFinding } from './ocsf';
import type { ParseOptions, ParseResult, Source } from './source';
import { unusedOf, type Unused } from './unused';

const LABELS: Record<string, number> = { CRITICAL: 9.5, HIGH: 8, MEDIUM: 5, LOW: 2, INFORMATIONAL: 0 };

/** Security Hub findings, ASFF (EventBridge `Security Hub Findings - Imported`, `Findings`, or bare) or OCSF (`Findings Imported V2`). Source: Security Hub user guide, ASFF syntax; EventBridge event formats. */
export const securityHub: Source = {
  id: 'securityhub',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    if (payload['detail-type'] !== undefined) return payload['source'] === 'aws.securityhub';
    const first = Array.isArray(payload['Findings']) ? membersOf(payload['Findings'][0]) : payload;
    return text(first['AwsAccountId']) !== '' && (text(first['ProductArn']) !== '' || text(first['GeneratorId']) !== '');
  },
  parse(payload, options = {}): ParseResult {
    const body = isMembers(payload) && isMembers(payload['detail']) ? { list: payload['detail']['findings'], path: 'detail.findings' } : { list: isMembers(payload) ? payload['Findings'] : undefined, path: 'Findings' };
    if (Array.isArray(body.list)) return body.list.map((finding: unknown, index) => one(finding, `${body.path}[${index}]`, options));
    if (body.path.startsWith('detail')) return [{ rejected: { path: 'detail.findings', problem: 'must be a list' } }];
    return [one(payload, '', options)];
  },
};

function one(finding: unknown, path: string, options: ParseOptions): ParseResult[number] {
  if (isOcsf(finding)) return ocsfFinding(finding, path, options, 'securityhub');
  const result = rejecting(() => {
    if (!isMembers(finding)) throw new FieldProblem(path || '(finding)', 'must be an object');
    return alertOf(finding, path, options);
  });
  return 'value' in result ? { alert: result.value } : result;
}

function alertOf(finding: Members, path: string, options: ParseOptions): Alert {
  const account = awsAccount(path, 'AwsAccountId', finding['AwsAccountId']);
  const id = required(finding, 'Id', path, 2048);
  const types = [finding['Types'], membersOf(finding['FindingProviderFields'])['Types']].flatMap((list) => (Array.isArray(list) ? list : [])).map(text);
  const given = { ...membersOf(membersOf(finding['FindingProviderFields'])['Severity']), ...membersOf(finding['Severity']) };
  const severity = LABELS[text(given['Label'])] ?? (typeof given['Normalized'] === 'number' ? given['Normalized'] / 10 : undefined);
  if (severity === undefined) throw new FieldProblem(join(path, 'Severity'), 'is missing');
  const seen = text(finding['LastObservedAt']) || text(finding['UpdatedAt']) || text(finding['CreatedAt']) || (options.fragmentsAt ?? '');
  if (seen === '') throw new FieldProblem(join(path, 'UpdatedAt'), 'is missing');
  const time = isoTime(seen, join(path, 'UpdatedAt'));
  const resources = (Array.isArray(finding['Resources']) ? finding['Resources'] : []).slice(0, 100).map(membersOf);
  const key = membersOf(membersOf(resources.map((resource) => resource['Details']).find((details) => isMembers(membersOf(details)['AwsIamAccessKey'])))['AwsIamAccessKey']);
  const actor = Object.keys(key).length > 0 ? actorOf(identityOf(key), account, path) : null;
  const ip = ipOf(membersOf(membersOf(membersOf(finding['Action'])['AwsApiCallAction'])['RemoteIpDetails'])['IpAddressV4']);
  const workflow = text(membersOf(finding['Workflow'])['Status']) || text(finding['WorkflowState']);
  const type = text(membersOf(finding['ProductFields'])['aws/guardduty/service/eventType']) || (text(finding['GeneratorId']).includes('guardduty') ? (types.map(guardDutyType).find((one) => one !== null) ?? '') : '');
  const archived = text(finding['RecordState']) === 'ARCHIVED' || workflow === 'SUPPRESSED' || workflow === 'RESOLVED';
  const unused = archived ? null : unusedIn(finding, types, resources, path);
  return {
    id: alertId(['securityhub', account, id, text(finding['UpdatedAt']) || time]), source: 'securityhub', provider: 'aws', account, region: text(finding['Region']).slice(0, 64) || null, time, receivedAt: null,
    event: (type || text(finding['Title']) || types[0] || text(finding['GeneratorId'])).slice(0, 512) || 'finding', service: text(finding['ProductName']).slice(0, 128) || 'securityhub', outcome: 'success', errorCode: null, dryRun: false,
    principal: actor?.principal ?? null, session: actor?.session ?? null, sourceIp: ip, userAgent: null, channel: 'unknown',
    target: text(resources[0]?.['Id']) ? { kind: 'other', id: text(resources[0]?.['Id']).slice(0, 2048), account } : null, addresses: ip ? [ip] : [],
    facts: {
      ...(unused ? { unused: { ...unused } } : {}), severity, archived,
      // A control that failed, or a package with a hole, is a state; the other namespaces tell of acts.
      posture: isMembers(finding['Compliance']) || (types.length > 0 && types.every((one) => one.startsWith('Software and Configuration Checks') || one.startsWith('Sensitive Data'))), title: text(finding['Title']).slice(0, 512),
    },
    raw: null,
  };
}

/** A failed control of unused credentials, or Access Analyzer's unused access passed through. Throws FieldProblem for one of a kind that is not known. */
function unusedIn(finding: Members, types: readonly string[], resources: readonly Members[], path: string): Unused | null {
  const compliance = membersOf(finding['Compliance']);
  if (isMembers(finding['Compliance']) && text(compliance['Status']) !== 'FAILED') return null;
  const product = membersOf(finding['ProductFields']);
  const generator = text(finding['GeneratorId']);
  const analyzer = /access[- ]?analyzer/i.test(`${text(finding['ProductName'])} ${generator} ${text(finding['ProductArn'])}`);
  return unusedOf({
    control: text(compliance['SecurityControlId']) || (/(?:^|\/)(IAM\.\d{1,3})$/.exec(generator)?.[1] ?? text(product['ControlId'])),
    rule: text(product['aws/config/ConfigRuleName']) || (text(finding['ProductName']) === 'Config' ? text(finding['Title']) : ''), types: analyzer ? types : [],
    resources: resources.map((one, index) => ({ id: text(one['Id']), key: text(membersOf(membersOf(one['Details'])['AwsIamAccessKey'])['AccessKeyId']), path: join(path, `Resources[${index}].Id`) })), path: join(path, 'Types'),
  });
}

/** `TTPs/Discovery/Recon:IAMUser-MaliciousIPCaller` is GuardDuty’s `Recon:IAMUser/MaliciousIPCaller`. */
function guardDutyType(type: string): string | null {
  const last = type.slice(type.lastIndexOf('/') + 1);
  return last.includes(':') ? last.replace('-', '/') : null;
}

/** ASFF writes CloudTrail’s identity with capitals. */
function identityOf(key: Members): Members {
  const context = membersOf(key['SessionContext']);
  const issuer = membersOf(context['SessionIssuer']);
  const attributes = membersOf(context['Attributes']);
  return {
    type: text(key['PrincipalType']), userName: text(key['PrincipalName']) || text(key['UserName']), principalId: text(key['PrincipalId']), accountId: text(key['AccountId']), accessKeyId: text(key['AccessKeyId']),
    sessionContext: { attributes: { mfaAuthenticated: attributes['MfaAuthenticated'], creationDate: attributes['CreationDate'] }, sessionIssuer: { type: text(issuer['Type']), arn: text(issuer['Arn']), userName: text(issuer['UserName']) } },
  };
}
