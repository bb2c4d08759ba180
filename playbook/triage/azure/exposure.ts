import type { Json } from '../../json';
import type { Alert } from '../../model/alert';
import { findAll, fires, isFalse, isTrue, objectOf, quiet, requestOf, responseOf, textOf, type Outcome } from '../reading';

/** Values of a member wherever it lies and however it is written: ARM bodies come as `properties` and as `Properties`. */
const asked = (alert: Alert, name: string): unknown[] => findAll(requestOf(alert), name);
const says = (alert: Alert, name: string, wanted: string): boolean => asked(alert, name).some((value) => typeof value === 'string' && value.toLowerCase() === wanted);

export function storageAccount(alert: Alert): Outcome {
  if (asked(alert, 'allowblobpublicaccess').some(isTrue)) return fires('blob-public-access', 'containers of the account may be made public');
  if (asked(alert, 'networkacls').some((acls) => textOf(objectOf(acls as Json)['defaultAction']).toLowerCase() === 'allow')) return fires('storage-open', 'the account answers every network', { risk: 'medium' });
  if (says(alert, 'publicnetworkaccess', 'enabled')) return fires('storage-open', 'the account is reachable from the internet', { risk: 'medium' });
  if (asked(alert, 'allowsharedkeyaccess').some(isTrue)) return fires('shared-key-access', 'the account’s shared keys open it again, past every identity', { risk: 'medium' });
  if (asked(alert, 'supportshttpstrafficonly').some(isFalse)) return fires('plain-http', 'the account answers without encryption', { risk: 'medium' });
  if (Object.keys(requestOf(alert)).length === 0 && isTrue(responseOf(alert)['allowBlobPublicAccess'])) return fires('blob-public-access', 'the account, as it was written, lets containers be made public', { risk: 'medium' });
  return quiet('storage-kept', 'the change opens nothing that the record shows');
}

export function container(alert: Alert): Outcome {
  const access = [...asked(alert, 'publicaccess'), ...asked(alert, 'x-ms-blob-public-access'), ...findAll(responseOf(alert), 'publicaccess')].map((value) => (typeof value === 'string' ? value.toLowerCase() : ''));
  const open = access.find((one) => one === 'container' || one === 'blob' || one === 'blobs');
  if (open) return fires('container-public', `everybody may read the ${open === 'container' ? 'container and list it' : 'container’s blobs'}`);
  return /^setcontaineracl$|\/setacl\/action$/i.test(alert.event) && access.length === 0 ? fires('container-acl', 'the container’s access was changed; to what is not in the record', { risk: 'medium' }) : quiet('container-closed', 'the container is private');
}

export function blobService(alert: Alert): Outcome {
  if (asked(alert, 'isversioningenabled').some(isFalse)) return fires('versioning-off', 'older versions are no longer kept');
  for (const [policy, what] of [['deleteretentionpolicy', 'blobs'], ['containerdeleteretentionpolicy', 'containers'], ['sharedeleteretentionpolicy', 'shares']] as const) {
    if (asked(alert, policy).some((value) => isFalse(objectOf(value as Json)['enabled']))) return fires('soft-delete-off', `deleted ${what} are no longer kept`);
  }
  return quiet('retention-kept', 'nothing that protects the data was switched off');
}

const ANYWHERE = /^(\*|internet|any|0\.0\.0\.0(\/0)?|::\/0)$/i;

/** One NSG rule. Any change of a security group counts; one that shuts, or lets in only named networks, counts less. */
export function securityRule(alert: Alert): Outcome {
  const sources = [...asked(alert, 'sourceaddressprefix'), ...asked(alert, 'sourceaddressprefixes').flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))].filter((one): one is string => typeof one === 'string');
  if (says(alert, 'access', 'deny') && !says(alert, 'access', 'allow')) return fires('rule-denies', 'the rule shuts traffic out', { risk: 'medium' });
  if (sources.length === 0) return fires('security-group-changed', 'a security group was changed; whom it lets in is not in the record');
  return sources.some((one) => ANYWHERE.test(one)) ? fires('open-to-all', 'the rule lets everybody in') : fires('rule-for-some', 'the rule lets named networks in', { risk: 'medium' });
}
