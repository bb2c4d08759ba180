import type { Alert } from '../model/alert';
import type { Json, JsonObject } from '../json';
import type { Subject } from './model';

/** An IAM role's or user's ARN and nothing else: the text comes from outside. */
const IDENTITY = /^arn:aws[a-z-]{0,20}:iam::(\d{12}):(role|user)\/(?:[\w+=,.@-]{1,64}\/){0,8}([\w+=,.@-]{1,64})$/;
const KEY = /^(AKIA|ASIA)[A-Z2-7]{12,28}$/;
/** Whose adapters say so; no other sender can. */
const TOLD_BY: ReadonlySet<string> = new Set(['access-analyzer', 'securityhub', 'ocsf', 'defender']);
const OBJECT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The role, user, access key or application that an open finding of unused access names (`facts.unused`: kind, id, key), or null. A finding only starts a look: what is unused is judged anew.
 * Source: IAM User Guide, Access Analyzer, unused access findings; Security Hub, IAM controls; Defender for Cloud, identity and access recommendations.
 */
export function unusedAccessOf(alert: Alert): Subject | null {
  const { unused, archived } = alert.facts;
  if (!TOLD_BY.has(alert.source) || archived === true || !isObject(unused)) return null;
  const [kind, id, key] = [unused.kind, unused.id, unused.key].map((one) => (typeof one === 'string' ? one : ''));
  if (alert.provider === 'azure') return OBJECT.test(id!) && (kind === 'user' || kind === 'service-principal') ? { provider: 'azure', account: alert.account, kind, id: id!, name: id! } : null;
  const found = IDENTITY.exec(id!);
  if (!found || found[1] !== alert.account) return null;
  const [arn, account, of, name] = found as unknown as [string, string, 'role' | 'user', string];
  if (kind === 'access-key' && of === 'user' && KEY.test(key!)) return { provider: 'aws', account, kind, id: key!, name: `${key!} of ${name}`, of: name };
  return { provider: 'aws', account, kind: of, id: arn, name };
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
