import { azureActivity } from './azure-activity';
import { cloudtrail } from './cloudtrail';
import { defender } from './defender';
import { entraAudit } from './entra-audit';
import { entraSignIn } from './entra-signin';
import { guardduty } from './guardduty';
import { securityHub } from './securityhub';
import type { Source } from './source';

/** Every source, in the order in which shapes are tried: the narrow ones before the wide. */
export const SOURCES: readonly Source[] = [cloudtrail, guardduty, securityHub, entraAudit, entraSignIn, defender, azureActivity];

/** The source whose shape a payload has, or null. */
export function detectSource(payload: unknown): Source | null {
  return SOURCES.find((source) => source.recognises(payload)) ?? null;
}
