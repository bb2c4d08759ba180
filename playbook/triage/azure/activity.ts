import type { Json } from '../../json';
import type { Alert } from '../../model/alert';
import type { Classification } from '../../model/verdict';
import { azureActivityKin, type AzureTest } from '../../risk/azure';
import { alerting, ignored } from '../classification';
import { brief, fact, findAll, fires, isFalse, objectOf, quiet, requestOf, textOf, type Outcome } from '../reading';
import { blobService, container, securityRule, storageAccount } from './exposure';
import { lookupOf } from './lookup';
import { roleAssignment, roleDefinition } from './roles';

const kinOf = lookupOf(azureActivityKin);

/** `…/write` is also every update: only a record that shows a creation counts. */
function computeCreated(alert: Alert): Outcome {
  const code = `${fact(alert, 'statusCode')} ${fact(alert, 'subStatus')}`;
  const size = findAll(requestOf(alert), 'vmsize').find((value): value is string => typeof value === 'string');
  if (/created|\b201\b/i.test(code) || size !== undefined) return fires('new-compute', `it was created${size ? ` with size ${brief(size, 40)}` : ''}`, /^standard_(n|hb|hc|m\d|hx)/i.test(size ?? '') ? { risk: 'high' } : {});
  return quiet('not-a-creation', 'the record does not show that anything was created: an update of something that exists');
}

/** The categories that tell who did what. */
const TELLING = /^(administrative|security|auditevent|auditlogs|signinlogs)$/i;

function loggingWritten(alert: Alert): Outcome {
  const lists = findAll(requestOf(alert), 'logs').filter(Array.isArray);
  const logs = lists.flat().map((log) => objectOf(log as Json));
  const off = logs.filter((log) => isFalse(log['enabled']));
  if (lists.length > 0 && off.length === logs.length) return fires('diagnostics-off', 'no log category is kept any more');
  const lost = off.map((log) => textOf(log['category'])).find((category) => TELLING.test(category));
  if (lost) return fires('diagnostics-reduced', `${brief(lost, 40)} is no longer kept`, { risk: 'high' });
  if (alert.event.toLowerCase().startsWith('microsoft.network/networksecuritygroups/')) return fires('nsg-diagnostics', 'how the security group is logged was changed', { event: 'network-exposure', risk: 'medium' });
  return quiet('diagnostics-on', 'logs are still kept');
}

/** Agents of Azure itself that run nothing of the caller’s. Source: Azure virtual machine extensions and features. */
const AGENTS = /^(azuremonitor(linux|windows)agent|mde\.(linux|windows)|dependencyagent(linux|windows)|networkwatcheragent(linux|windows)|configurationfor(linux|windows)|azurepolicyfor(linux|windows))$/i;

function extension(alert: Alert): Outcome {
  const types = findAll(requestOf(alert), 'type').filter((one): one is string => typeof one === 'string');
  const publishers = findAll(requestOf(alert), 'publisher').filter((one): one is string => typeof one === 'string');
  const agent = types.some((type) => AGENTS.test(type)) && publishers.length > 0 && publishers.every((one) => /^microsoft\.(azure|guestconfiguration)\b/i.test(one));
  return agent ? quiet('agent-installed', 'the extension is an agent of Azure that runs nothing of the caller’s') : fires('extension-written', 'an extension runs what it is given on the machine');
}

const defenderPlan = (alert: Alert): Outcome =>
  findAll(requestOf(alert), 'pricingtier').some((tier) => typeof tier === 'string' && tier.toLowerCase() === 'free') ? fires('defender-off', 'a Defender plan was switched off') : quiet('defender-on', 'no Defender plan was switched off');

const tests: Partial<Record<AzureTest, (alert: Alert) => Outcome>> = {
  'role-assignment': roleAssignment, 'role-definition': roleDefinition, 'security-rule': securityRule, extension, 'storage-account': storageAccount, container, 'blob-service': blobService, 'compute-created': computeCreated, 'logging-written': loggingWritten, 'defender-plan': defenderPlan,
};

/** One Azure Activity log record (control plane, and the storage and key vault logs that share its shape). */
export function classifyAzureActivity(alert: Alert): Classification {
  const name = alert.event.toLowerCase();
  const kin = name.endsWith('/read') ? null : kinOf(name);
  if (!kin) return ignored(null, 'info', quiet('not-high-risk', `${brief(alert.event, 120)} is not in the playbook’s tables`));
  if (alert.outcome === 'failure') return ignored(kin.event, 'low', quiet('attempt-failed', 'it failed: nothing was changed'));
  if (/^start(ed)?$/i.test(fact(alert, 'status'))) return ignored(kin.event, 'low', quiet('only-started', 'the operation has only started: its result is a record of its own'));
  const outcome = tests[kin.test]?.(alert) ?? fires('high-risk-call', `${brief(alert.event, 120)} is high risk whatever it says`);
  return outcome.fires ? alerting(kin, outcome) : ignored(kin.event, 'low', outcome);
}
