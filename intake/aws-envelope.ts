import type { Alert } from '../playbook/model/alert';
import { FieldProblem, isMembers, join, membersOf, rejecting, text, type Members } from './fields';
import type { ParseResult } from './source';

/** The account a record is about: 12 digits. Error: `FieldProblem`. */
export function awsAccount(path: string, name: string, ...candidates: unknown[]): string {
  for (const value of candidates) if (typeof value === 'string' && /^\d{12}$/.test(value)) return value;
  throw new FieldProblem(join(path, name), candidates.some((value) => text(value) !== '') ? 'must be 12 digits' : 'is missing');
}

/** The account in an ARN, or null. */
export const accountOfArn = (arn: unknown): string | null => /^arn:[a-z-]{1,24}:[a-z0-9-]{1,63}:[a-z0-9-]{0,32}:(\d{12}):/.exec(text(arn).slice(0, 2048))?.[1] ?? null;

/** EventBridge’s envelope with `detail`, a bare record, or a list of either: one answer each. */
export function eachDetail(payload: unknown, parse: (record: Members, path: string, envelope: Members) => Alert): ParseResult {
  const one = (value: unknown, at: string): ParseResult[number] => {
    const result = rejecting(() => {
      const envelope = membersOf(value);
      const wrapped = isMembers(value) && (value['detail'] !== undefined || value['detail-type'] !== undefined);
      const record = wrapped ? envelope['detail'] : value;
      const path = wrapped ? join(at, 'detail') : at;
      if (!isMembers(record)) throw new FieldProblem(path || '(record)', record === undefined ? 'is missing' : 'must be an object');
      return parse(record, path, wrapped ? envelope : {});
    });
    return 'value' in result ? { alert: result.value } : result;
  };
  return Array.isArray(payload) ? payload.map((item, index) => one(item, `[${index}]`)) : [one(payload, '')];
}

/** What every alert of AWS that is not a call has alike. */
export function awsAlert(given: Pick<Alert, 'id' | 'source' | 'account' | 'time' | 'event' | 'facts'> & Partial<Alert>): Alert {
  return {
    provider: 'aws', region: null, receivedAt: null, service: given.source, outcome: 'success', errorCode: null, dryRun: false, principal: null, session: null, sourceIp: null, userAgent: null, channel: 'service', target: null, addresses: [], raw: null,
    ...given,
  };
}
