import { accessAnalyzer } from './access-analyzer';
import { awsHealth } from './aws-health';
import { azureActivity } from './azure-activity';
import { azureCost } from './azure-cost';
import { billingAlarm } from './billing-alarm';
import { budget } from './budget';
import { cloudtrail } from './cloudtrail';
import { costAnomaly } from './cost-anomaly';
import { defender } from './defender';
import { elastic } from './elastic';
import { entraAudit } from './entra-audit';
import { entraSignIn } from './entra-signin';
import { generic } from './generic';
import { googleSecOps } from './google-secops';
import { guardduty } from './guardduty';
import { identityProtection } from './identity-protection';
import { ocsf } from './ocsf';
import { securityHub } from './securityhub';
import { sentinel } from './sentinel';
import type { Source } from './source';
import { splunk } from './splunk';
import { windowsGroup } from './windows-group';

/** Every source, in the order in which shapes are tried: the narrow ones before the wide. */
export const SOURCES: readonly Source[] = [
  costAnomaly, budget, billingAlarm, accessAnalyzer, awsHealth, windowsGroup, ocsf, cloudtrail, guardduty, securityHub, identityProtection, azureCost, sentinel, entraAudit, entraSignIn, defender, splunk, elastic, googleSecOps, azureActivity, generic,
];

/** The source whose shape a payload has, or null. */
export function detectSource(payload: unknown, sources: readonly Source[] = SOURCES): Source | null {
  return sources.find((source) => source.recognises(payload)) ?? null;
}
