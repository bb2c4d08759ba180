import { itemsOf, objectOf, textOf } from '../exposure-analysis';
import type { JsonObject } from '../json';
import type { Alert } from '../model/alert';
import type { AlertType, HighRiskEvent, Reason, Risk } from '../model/verdict';

/** What one test found in one alert: does it count, and as what. Unset members are the table's. */
export interface Outcome {
  fires: boolean;
  reason: Reason;
  risk?: Risk;
  event?: HighRiskEvent;
  type?: AlertType;
}

export const reason = (code: string, text: string, source = 'event'): Reason => ({ code, text, source });
export const fires = (code: string, text: string, more: Partial<Pick<Outcome, 'risk' | 'event' | 'type'>> = {}): Outcome => ({ fires: true, reason: reason(code, text), ...more });
export const quiet = (code: string, text: string): Outcome => ({ fires: false, reason: reason(code, text) });

const NOTHING: JsonObject = {};
/** The request parameters that intake kept (bounded, secrets removed); empty when there are none. */
export const requestOf = (alert: Alert): JsonObject => objectOf(alert.facts['request'] ?? NOTHING);
export const responseOf = (alert: Alert): JsonObject => objectOf(alert.facts['response'] ?? NOTHING);
/** CloudTrail says that it left out a request too large to record. */
export const requestOmitted = (alert: Alert): boolean => alert.facts['requestOmitted'] === true || requestOf(alert)['omitted'] === true;
export const requestEmpty = (alert: Alert): boolean => Object.keys(requestOf(alert)).length === 0;
export const fact = (alert: Alert, name: string): string => textOf(alert.facts[name]);

/** The service's own short name: `iam` of `iam.amazonaws.com`. */
export function serviceOf(alert: Alert): string | null {
  if (alert.service === null || alert.service === '') return null;
  const dot = alert.service.indexOf('.');
  return (dot < 0 ? alert.service : alert.service.slice(0, dot)).toLowerCase();
}

/** `UpdateFunctionCode20150331v2` is `UpdateFunctionCode`: Lambda and CloudFront put the API's version behind the name. */
export function callOf(alert: Alert): string {
  const name = alert.event;
  const service = serviceOf(alert);
  return service === 'lambda' || service === 'cloudfront' || service === null ? name.replace(/20\d\d_?\d\d_?\d\d(v\d)?$/, '') : name;
}

/** Is it the organisation that the configuration says is ours (`facts.ownOrganizations`)? Unknown: no, because an attacker has an organisation too. */
export const ownOrganization = (alert: Alert, id: string): boolean => {
  const own = alert.facts['ownOrganizations'];
  return Array.isArray(own) && own.includes(id.split('/')[0] ?? '');
};

/** The user, role or group that a request names, as it names it. */
export const targetUserOf = (alert: Alert): string => {
  const request = requestOf(alert);
  const response = responseOf(alert);
  return textOf(request['userName']) || textOf(objectOf(response['accessKey'])['userName']) || textOf(objectOf(response['loginProfile'])['userName']);
};

/** Every value under `name`, however deep, at most 50: requests nest the same fact differently per service. */
export function findAll(value: unknown, name: string, out: unknown[] = [], depth = 0): unknown[] {
  if (depth > 10 || out.length >= 50 || typeof value !== 'object' || value === null) return out;
  for (const [key, member] of Object.entries(value)) {
    if (key.toLowerCase() === name) out.push(member);
    findAll(member, name, out, depth + 1);
  }
  return out;
}

export { itemsOf, objectOf, textOf };
/** CloudTrail writes booleans as such and, re-exported by some lakes, as text. */
export const isTrue = (value: unknown): boolean => value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
export const isFalse = (value: unknown): boolean => value === false || (typeof value === 'string' && value.toLowerCase() === 'false');
/** For reasons: hostile text, bounded, one line. */
export const brief = (text: string, max = 80): string => {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
};
