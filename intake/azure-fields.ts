import type { Session } from '../playbook/model/alert';
import type { Principal, PrincipalKind } from '../playbook/model/principal';
import { FieldProblem, isMembers, isoTime, join, membersOf, text, type Members } from './fields';
import type { Parsed, ParseOptions, ParseResult } from './source';
import { rejecting } from './fields';
import type { Alert } from '../playbook/model/alert';

/** Diagnostic settings write `operationName: "…"`, the REST API `{value, localizedValue}`. */
export const valueOf = (value: unknown): string => text(value) || text(membersOf(value)['value']);

/** The records of a payload: Event Hub and storage exports have `records`, Graph lists have `value`, an EventGrid-like envelope has `data`. */
export function eachRecord(payload: unknown, options: ParseOptions, parse: (record: Members, path: string, options: ParseOptions) => Alert): ParseResult {
  const many = (list: unknown[], path: string): ParseResult => list.map((record, index) => one(record, `${path}[${index}]`));
  const one = (record: unknown, path: string): Parsed => {
    const result = rejecting(() => {
      if (!isMembers(record)) throw new FieldProblem(path || '(record)', 'must be an object');
      return parse(record, path, options);
    });
    return 'value' in result ? { alert: result.value } : result;
  };
  if (Array.isArray(payload)) return many(payload, '');
  if (isMembers(payload)) {
    if (Array.isArray(payload['records'])) return many(payload['records'], 'records');
    if (Array.isArray(payload['value'])) return many(payload['value'], 'value');
  }
  return [one(payload, '')];
}

/** The first of several members that is a time. */
export function timeOf(path: string, options: ParseOptions, ...candidates: [string, unknown][]): string {
  for (const [name, value] of candidates) if (text(value) !== '') return isoTime(text(value), join(path, name));
  if (options.fragmentsAt !== undefined) return isoTime(options.fragmentsAt, path);
  throw new FieldProblem(join(path, candidates[0]?.[0] ?? 'time'), 'is missing');
}

/** The tenant, which is what an Azure incident belongs to. */
export function tenantOf(path: string, options: ParseOptions, ...candidates: unknown[]): string {
  for (const value of candidates) if (text(value) !== '') return text(value).slice(0, 64).toLowerCase();
  if (options.fragmentsAt !== undefined) return 'unknown';
  throw new FieldProblem(join(path, 'tenantId'), 'is missing');
}

/** Object id in lower case; the name when there is no id (older records). Null when neither is there. */
export function azurePrincipal(account: string, kind: PrincipalKind, id: string, name: string): Principal | null {
  const key = (id || name).toLowerCase().slice(0, 512);
  return key === '' ? null : { provider: 'azure', account, kind: kind === 'user' && name.includes('#EXT#') ? 'guest' : kind, id: key, name: (name || id).slice(0, 512) };
}

export const azureSession = (mfa: Session['mfa'] = 'unknown'): Session => ({ accessKeyId: null, name: null, issuedAt: null, mfa, roleArn: null });
