import type { Alert } from '../model/alert';
import type { Classification } from '../model/verdict';
import { classifyBlindness } from '../blindness';
import { classifyCloudTrail } from './aws/classify';
import { classifyAccessAnalyzer } from './access-analyzer';
import { classifyAzureActivity } from './azure/activity';
import { classifyEntraAudit } from './azure/audit';
import { classifyEntraSignIn } from './azure/signin';
import { classifyBilling } from './billing';
import { classifyBurst } from './bursts';
import { classifyFinding } from './finding';
import { riskRank } from './ranks';
import { reason } from './reading';
import { classifyWindowsGroup } from './windows';

/** Which rules read which source; every other source is read as a provider’s finding. */
const RULES: Record<string, (alert: Alert) => Classification> = {
  cloudtrail: classifyCloudTrail,
  tourniquet: classifyBlindness,
  'azure-activity': classifyAzureActivity,
  'entra-audit': classifyEntraAudit,
  'entra-signin': classifyEntraSignIn,
  'access-analyzer': classifyAccessAnalyzer,
  'windows-group': classifyWindowsGroup,
  'cost-anomaly': classifyBilling,
  budget: classifyBilling,
  'billing-alarm': classifyBilling,
  'azure-cost': classifyBilling,
};

const byRules = (alert: Alert): Classification => classifyBurst(alert) ?? (Object.hasOwn(RULES, alert.source) ? RULES[alert.source]! : classifyFinding)(alert);

/** A SIEM’s alert may carry the cloud’s own record (`facts.record`): what that shows counts, however the rule was named and rated. What was closed in the SIEM stays closed. */
function withRecord(alert: Alert, is: Classification): Classification {
  const record = alert.facts['record'];
  if (record === undefined || Object.hasOwn(RULES, alert.source) || alert.facts['archived'] === true) return is;
  const behind = record as unknown as Alert;
  const own = byRules({ ...behind, principal: alert.principal, session: alert.session });
  if (own.status === 'ignored' || (is.status === 'alert' && riskRank(is.risk) > riskRank(own.risk))) return is;
  return { ...own, techniques: [...new Set([...own.techniques, ...is.techniques])], reasons: [...own.reasons, ...is.reasons] };
}

/**
 * What one alert is, from itself alone, looking past its name: who acted, whether it worked, what it changed, whom it lets in.
 * Pure and total: any alert gets an answer, and every reason says where it was read (`event`).
 */
export function classify(alert: Alert): Classification {
  const classification = withRecord(alert, byRules(alert));
  if (alert.principal !== null || classification.status === 'ignored') return classification;
  return { ...classification, reasons: [...classification.reasons, reason('no-principal', 'the alert names no usable identity: somebody must read the raw record')] };
}
