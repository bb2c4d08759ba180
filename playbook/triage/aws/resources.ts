import type { Alert } from '../../model/alert';
import { brief, callOf, findAll, fires, isFalse, isTrue, itemsOf, objectOf, quiet, requestOf, textOf, type Outcome } from '../reading';

/** Accelerated families and the very large: what miners rent. Source: EC2 instance type reference. */
const COSTLY = /^(ml\.)?(p\d|g\d|gr\d|trn\d|inf\d|vt\d|f\d|dl\d|hpc\d|u-|x\d)[a-z0-9-]*\.|\.(metal|(16|18|24|32|48|56|112)xlarge)/i;

const typesOf = (alert: Alert): string[] =>
  ['instancetype', 'instancetypes'].flatMap((key) => findAll(requestOf(alert), key)).flatMap((value) => (Array.isArray(value) ? value : [value])).filter((value): value is string => typeof value === 'string');

export function costlyInstances(alert: Alert): string | null {
  const type = typesOf(alert).find((one) => COSTLY.test(one));
  const count = Math.max(0, ...['maxcount', 'targetcapacity', 'totaltargetcapacity', 'instancecount'].flatMap((key) => findAll(requestOf(alert), key)).map((value) => (typeof value === 'number' || typeof value === 'string' ? Number(value) : 0)).filter(Number.isFinite));
  if (type) return `instances of the costly type ${brief(type, 32)}`;
  return count >= 20 ? `${count} instances at once` : null;
}

export function instances(alert: Alert): Outcome {
  const costly = costlyInstances(alert);
  if (costly) return fires('costly-compute', `it starts ${costly}`, { risk: 'high' });
  return fires('new-compute', `it starts compute${typesOf(alert)[0] ? ` (${brief(typesOf(alert)[0]!, 32)})` : ''}`);
}

export function trailChanged(alert: Alert): Outcome {
  const request = requestOf(alert);
  for (const [key, text] of [
    ['isMultiRegionTrail', 'the trail covers one region only'], ['enableLogFileValidation', 'log file validation is off'], ['includeGlobalServiceEvents', 'IAM and STS are no longer recorded'],
    ['isOrganizationTrail', 'the trail no longer covers the organisation'], ['terminationProtectionEnabled', 'the store may be deleted'], ['multiRegionEnabled', 'the store covers one region only'],
  ] as const) if (isFalse(request[key])) return fires('trail-weakened', text, { risk: 'critical' });
  if (textOf(request['s3BucketName'])) return fires('trail-moved', `the logs now go to bucket ${brief(textOf(request['s3BucketName']), 63)}`, { risk: 'medium' });
  if (Number(textOf(request['retentionPeriod']) || NaN) < 30) return fires('trail-weakened', 'events are kept for less than 30 days');
  return quiet('trail-kept', 'the change takes nothing from the log');
}

export function eventSelectors(alert: Alert): Outcome {
  const request = requestOf(alert);
  const basic = itemsOf(request['eventSelectors']);
  if (basic.length > 0) {
    const whole = basic.some((one) => !isFalse(one['includeManagementEvents']) && textOf(one['readWriteType'] ?? 'All') !== 'ReadOnly');
    const left = basic.flatMap((one) => itemsOf(one['excludeManagementEventSources'])).map((item) => textOf(item['value'])).filter((source) => source && !/^(kms|rdsdata)\./.test(source));
    if (!whole) return fires('selectors-narrowed', 'changes are no longer recorded: management events or writes are left out');
    return left[0] ? fires('selectors-narrowed', `${brief(left[0])} is left out`) : quiet('selectors-whole', 'management events are still recorded');
  }
  const advanced = itemsOf(request['advancedEventSelectors']);
  if (advanced.length === 0) return quiet('nothing-written', 'no selector was written');
  const management = advanced.filter((selector) => itemsOf(selector['fieldSelectors']).some((field) => textOf(field['field']) === 'eventCategory' && itemsOf(field['equals']).some((item) => textOf(item['value']) === 'Management')));
  const whole = management.some((selector) => !itemsOf(selector['fieldSelectors']).some((field) => ['readOnly', 'eventName'].includes(textOf(field['field'])) || (textOf(field['field']) === 'eventSource' && itemsOf(field['equals']).length > 0)));
  return whole ? quiet('selectors-whole', 'management events are still recorded') : fires('selectors-narrowed', 'management events are no longer recorded in full');
}

export function switchedOff(alert: Alert): Outcome {
  const request = requestOf(alert);
  if (isFalse(request['enable'])) return fires('switched-off', 'the detector was suspended');
  if (isFalse(request['autoEnable']) || textOf(request['autoEnableOrganizationMembers']) === 'NONE') return fires('switched-off', 'new accounts are no longer watched', { risk: 'high' });
  if (findAll(request, 'features').flatMap((list) => (Array.isArray(list) ? list : [])).some((feature) => textOf(objectOf(feature)['status']) === 'DISABLED')) return fires('switched-off', 'a protection was switched off', { risk: 'high' });
  if (findAll(request['dataSources'], 'enable').some(isFalse)) return fires('switched-off', 'a data source was switched off', { risk: 'high' });
  const off = itemsOf(request['attributes']).some((one) => /logs.*enabled$/.test(textOf(one['key'])) && isFalse(one['value']));
  return off ? fires('switched-off', 'access logs were switched off') : quiet('still-on', 'nothing was switched off');
}

export function shortLivedLogs(alert: Alert): Outcome {
  const days = Number(textOf(requestOf(alert)['retentionInDays']) || NaN);
  return days <= 3 ? fires('short-lived-logs', `logs are deleted after ${days} days`) : quiet('logs-kept', 'logs are kept for longer than 3 days');
}

export function bucketVersioning(alert: Alert): Outcome {
  const configuration = objectOf(requestOf(alert)['VersioningConfiguration']);
  const status = textOf(configuration['Status']);
  if (status === 'Suspended' || status === 'Disabled') return fires('versioning-off', 'older versions are no longer kept');
  return textOf(configuration['MfaDelete']) === 'Disabled' ? fires('mfa-delete-off', 'versions may be deleted without a second factor') : quiet('versioning-on', 'versions are kept');
}

export function bucketLogging(alert: Alert): Outcome {
  const request = requestOf(alert);
  if (request['BucketLoggingStatus'] === undefined) return quiet('nothing-written', 'no logging configuration was written');
  return Object.keys(objectOf(objectOf(request['BucketLoggingStatus'])['LoggingEnabled'])).length > 0 ? quiet('logging-on', 'access is logged') : fires('logging-off', 'access to the bucket is no longer logged');
}

export function bucketLifecycle(alert: Alert): Outcome {
  const request = requestOf(alert);
  const configuration = objectOf(request['LifecycleConfiguration']);
  const bucket = textOf(request['bucketName']);
  for (const rule of itemsOf(configuration['Rule'] ?? configuration['Rules'])) {
    const days = Number(textOf(objectOf(rule['Expiration'])['Days']) || NaN);
    if (textOf(rule['Status']) !== 'Enabled' || !(days <= 7)) continue;
    const prefix = textOf(rule['Prefix']) || textOf(objectOf(rule['Filter'])['Prefix']);
    if (/trail|log|audit/i.test(bucket)) return fires('logs-expire', `what is in ${brief(bucket, 63)} is deleted after ${days} days`);
    if (prefix === '') return fires('bucket-expires', `everything in ${brief(bucket, 63)} is deleted after ${days} days`, { event: 'other-high-risk', type: 'other', risk: 'medium' });
  }
  return quiet('lifecycle-kept', 'no rule deletes everything within a week');
}

export function databaseChanged(alert: Alert): Outcome {
  const request = requestOf(alert);
  const call = callOf(alert);
  if (isTrue(request['publiclyAccessible'])) return fires('database-public', 'the database was made reachable from the internet', { event: 'network-exposure', type: 'exposure-or-tracks' });
  if (call.startsWith('Delete')) return isTrue(request['skipFinalSnapshot']) ? fires('database-destroyed', 'the database was deleted without a last snapshot') : quiet('database-deleted', 'a last snapshot is kept');
  if (call.startsWith('Modify')) {
    if (isFalse(request['deletionProtection'])) return fires('deletion-protection-off', 'the database may now be deleted');
    if (textOf(request['backupRetentionPeriod']) === '0') return fires('backups-off', 'automatic backups are off');
  }
  return quiet('database-kept', 'nothing was exposed or unprotected');
}

export function instanceChanged(alert: Alert): Outcome {
  const request = requestOf(alert);
  if (callOf(alert) === 'ModifyInstanceMetadataOptions') {
    const options = { ...objectOf(request['ModifyInstanceMetadataOptionsRequest']), ...request };
    return textOf(options['httpTokens'] ?? options['HttpTokens']) === 'optional' ? fires('imdsv1', 'the instance gives its role’s credentials without a session token again', { risk: 'medium' }) : quiet('imdsv2', 'session tokens stay required');
  }
  return request['userData'] !== undefined || textOf(request['attribute']) === 'userData' ? fires('start-script-changed', 'the script that the host runs at start was changed') : quiet('instance-kept', 'the change does not run code');
}

export function functionChanged(alert: Alert): Outcome {
  const request = requestOf(alert);
  const call = callOf(alert);
  if (isTrue(request['dryRun'])) return quiet('dry-run', 'a dry run changes nothing');
  if (call === 'UpdateFunctionConfiguration') {
    if (itemsOf(request['layers']).length > 0) return fires('layers-changed', 'code from a layer now runs inside the function');
    return textOf(request['role']) ? fires('function-role-changed', 'the function runs under another role') : quiet('settings-changed', 'no code and no role was changed');
  }
  return fires('function-code', call === 'CreateFunction' ? 'a new function' : 'the function’s code was replaced');
}

/** Documents that run what the caller writes. Source: Systems Manager, AWS-owned documents. */
const RUNS_ANYTHING = /^(arn:[^:]+:ssm:[^:]*:[^:]*:document\/)?AWS-(RunShellScript|RunPowerShellScript|RunRemoteScript|RunDocument|RunSaltState|ApplyAnsiblePlaybooks|ApplyChefRecipes|InstallApplication)$/;
export function runCommand(alert: Alert): Outcome {
  const request = requestOf(alert);
  const name = textOf(request['documentName']) || textOf(request['name']);
  return RUNS_ANYTHING.test(name) ? fires('command-on-hosts', `commands were run on hosts (${brief(name, 48)})`) : quiet('known-document', 'the document does not run free commands');
}

/** Start scripts often hold credentials; whoever may read them is not told from a deployment tool here, who may not gives himself away. */
export const startScriptRead = (alert: Alert): Outcome =>
  textOf(requestOf(alert)['attribute']) === 'userData' && alert.outcome === 'failure'
    ? fires('start-script-refused', 'it tried to read the script that a host runs at start, and may not')
    : quiet('attribute-read', 'an attribute of a host was read');

/** A program asks for its own few settings, and as a role; beyond this many at once somebody collects. */
const MANY_PARAMETERS = 6;

export function manySecrets(alert: Alert): Outcome {
  const request = requestOf(alert);
  if (callOf(alert) === 'GetParameters') {
    const names = itemsOf(request['names']).length;
    return names >= MANY_PARAMETERS && isTrue(request['withDecryption']) && alert.principal?.kind === 'user' ? fires('secrets-in-bulk', `an IAM user’s long-term key decrypted ${names} parameters at once`) : quiet('settings-read', 'parameters were read');
  }
  if (callOf(alert) === 'GetSecretValue') return quiet('secret-read', 'one secret was read');
  if (callOf(alert) === 'DeleteSecret') return isTrue(request['forceDeleteWithoutRecovery']) ? fires('secret-destroyed', 'a secret was deleted beyond recovery') : quiet('secret-deleted', 'the secret can be restored');
  return itemsOf(request['secretIdList']).length === 0 && itemsOf(request['filters']).length > 0 ? fires('secrets-by-filter', 'secrets were read in bulk by a filter, not by name') : quiet('secrets-by-name', 'the secrets were asked for by name');
}

/** Ransom: data encrypted again under a key that the account does not hold. */
export function foreignKeyEncryption(alert: Alert): Outcome {
  const request = requestOf(alert);
  const keys = [request['x-amz-server-side-encryption-aws-kms-key-id'], ...findAll(request['ServerSideEncryptionConfiguration'], 'kmsmasterkeyid')];
  const foreign = keys.map((key) => (typeof key === 'string' ? (key.split(':')[4] ?? '') : '')).find((account) => /^\d{12}$/.test(account) && account !== alert.account);
  if (foreign) return fires('foreign-kms-key', `data is encrypted under a key of account ${foreign}`);
  const source = textOf(request['x-amz-copy-source']).replace(/^\//, '').split('?')[0]!;
  const own = source !== '' && decode(source) === `${textOf(request['bucketName'])}/${textOf(request['key'])}`;
  const customerKey = textOf(request['x-amz-server-side-encryption-customer-algorithm']) !== '';
  return customerKey && own ? fires('rewritten-under-customer-key', 'an object was overwritten by itself, encrypted under a key that AWS does not keep') : quiet('own-encryption', 'no key from outside is used');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
