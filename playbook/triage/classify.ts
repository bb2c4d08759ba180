import type { Alert } from '../model/alert';
import type { Classification } from '../model/verdict';
import { classifyBlindness } from '../blindness';
import { classifyCloudTrail } from './aws/classify';
import { classifyAccessAnalyzer } from './access-analyzer';
import { classifyAzureActivity } from './azure/activity';
import { classifyEntraAudit } from './azure/audit';
import { classifyEntraSignIn } from './azure/signin';
import { classifyBilling } from './billing';
import { classifyFinding } from './finding';
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

/**
 * What one alert is, from itself alone, looking past its name: who acted, whether it worked, what it changed, whom it lets in.
 * Pure and total: any alert gets an answer, and every reason says where it was read (`event`).
 */
export function classify(alert: Alert): Classification {
  const classification = (Object.hasOwn(RULES, alert.source) ? RULES[alert.source]! : classifyFinding)(alert);
  if (alert.principal !== null || classification.status === 'ignored') return classification;
  return { ...classification, reasons: [...classification.reasons, reason('no-principal', 'the alert names no usable identity: somebody must read the raw record')] };
}
