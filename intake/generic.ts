import { z } from 'zod';
import type { Alert } from '../playbook/model/alert';
import type { JsonObject } from '../playbook/json';
import { azureActivity } from './azure-activity';
import { cloudtrail } from './cloudtrail';
import { entraAudit } from './entra-audit';
import { entraSignIn } from './entra-signin';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, isoTime, join, rejecting } from './fields';
import { identify, type Identified } from './identity';
import { parseJson } from './json';
import type { ParseOptions, ParseResult, Source } from './source';

const words = (max: number) => z.string().min(1).max(max);
/** GuardDuty’s scale, so that one rule reads every source. */
export const SEVERITIES = { critical: 9.5, high: 8, medium: 5, low: 2, informational: 0 } as const;

/** The documented form for whatever has no adapter of its own: `tourniquet schema alert` prints it. */
export const genericAlert = z.strictObject({
  id: words(512).describe('the sender’s own id of this alert: the same id is the same alert'),
  time: words(64).describe('ISO 8601, when it happened'),
  title: words(512).describe('the rule or detection'),
  severity: z.union([z.enum(['critical', 'high', 'medium', 'low', 'informational']), z.number().min(0).max(10)]).describe('low and below opens no incident'),
  provider: z.enum(['aws', 'azure']).optional().describe('left out: known from the principal'),
  account: words(64).optional().describe('AWS account id (12 digits) or Entra tenant id; left out: known from the principal'),
  region: words(64).optional(),
  principal: z
    .strictObject({
      id: words(2048).describe('ARN, Entra object id, UPN, or a name in the account; what the directory of people knows is mapped'),
      name: words(512).optional(),
      kind: z.enum(['root', 'user', 'role', 'service-principal', 'managed-identity', 'guest', 'service', 'unknown']).optional(),
      accessKeyId: words(256).optional(),
    })
    .optional()
    .describe('who acted; left out: an incident on the account, loud'),
  sourceIp: words(64).optional(),
  addresses: z.array(words(64)).max(50).optional(),
  userAgent: words(1024).optional(),
  target: z.strictObject({ kind: z.enum(['user', 'role', 'group', 'policy', 'access-key', 'bucket', 'security-group', 'instance', 'function', 'trail', 'account', 'other']), id: words(2048) }).optional(),
  techniques: z.array(z.string().regex(/^T\d{4}(\.\d{3})?$/, 'a MITRE ATT&CK technique id')).max(20).optional(),
  closed: z.boolean().optional().describe('the sender has closed or suppressed it: understood, no incident'),
  url: words(2048).optional().describe('where the alert is in the sender; shown as text'),
  raw: z.unknown().optional().describe('the event behind it (CloudTrail, Entra, Activity log record; object or JSON text): names the principal when `principal` does not'),
});
export type GenericAlert = z.infer<typeof genericAlert>;

export const genericJsonSchema = (): object => ({ ...z.toJSONSchema(genericAlert, { io: 'input' }), title: 'Alert', description: 'POST /alerts/generic: one, or a list, or {"alerts": […]}' });

/** The generic form. Source: its own schema, `docs/alert.schema.json`. */
export const generic: Source = {
  id: 'generic',
  recognises: (payload) => {
    const first: unknown = isMembers(payload) && Array.isArray(payload['alerts']) ? payload['alerts'][0] : payload;
    return isMembers(first) && typeof first['id'] === 'string' && typeof first['time'] === 'string' && typeof first['title'] === 'string' && 'severity' in first;
  },
  parse(payload, options = {}): ParseResult {
    const list: [unknown, string][] = Array.isArray(payload) ? payload.map((one, index) => [one, `[${index}]`]) : isMembers(payload) && Array.isArray(payload['alerts']) ? payload['alerts'].map((one, index) => [one, `alerts[${index}]`]) : [[payload, '']];
    return list.map(([one, path]) => {
      const result = rejecting(() => genericToAlert(one, { source: 'generic', path: (field) => join(path, field) || '(record)', options }));
      return 'value' in result ? { alert: result.value } : result;
    });
  },
};

export interface GenericContext {
  source: string;
  /** How a field of the generic form is called in the sender’s own record. */
  path(field: string): string;
  options: ParseOptions;
}

/** Checks the generic form and makes the alert of it. Error: `FieldProblem` at the sender’s own field. */
export function genericToAlert(record: unknown, { source, path, options }: GenericContext): Alert {
  const checked = genericAlert.safeParse(record);
  if (!checked.success) {
    const { path: at, message, code } = checked.error.issues[0]!;
    const field = at.map(String).reduce((all, key) => join(all, key), '');
    throw new FieldProblem(path(field), code === 'unrecognized_keys' ? 'has a member that the schema does not know' : /received undefined/.test(message) ? 'is missing' : message.slice(0, 200));
  }
  const given = checked.data;
  const behind = given.raw === undefined ? null : eventBehind(given.raw, options);
  const who = whoIn(given, behind, options);
  const provider = given.provider ?? who.provider;
  const account = who.account ?? given.account ?? null;
  if (provider === null || account === null) throw new FieldProblem(path('account'), 'is missing: nothing in the alert tells which cloud account it is about');
  if (provider === 'aws' && !/^\d{12}$/.test(account)) throw new FieldProblem(path('account'), 'must be 12 digits');
  const shown = behind?.account === account.toLowerCase() ? behind : null;
  const sourceIp = ipOf(given.sourceIp) ?? shown?.sourceIp ?? null;
  const addresses = [...new Set([sourceIp, ...(given.addresses ?? []).map(ipOf)].filter((ip) => ip !== null))];
  const facts: JsonObject = { severity: typeof given.severity === 'number' ? given.severity : SEVERITIES[given.severity], title: given.title };
  if (given.closed === true) facts['archived'] = true;
  if (given.techniques) facts['techniques'] = given.techniques;
  if (given.url) facts['url'] = given.url;
  if (given.principal) facts['named'] = given.principal.id.slice(0, 512);
  // Its parts are bounded already; triage reads it as it would have come from the cloud itself.
  if (shown) facts['record'] = { ...shown, principal: null, session: null } as unknown as JsonObject;
  else if (isMembers(given.raw)) facts['event'] = boundedCopy(given.raw, 300, 8_000).copy;
  return {
    id: alertId([source, account, given.id]), source, provider, account, region: given.region ?? null, time: isoTime(given.time, path('time')), receivedAt: null, event: given.title, service: source, outcome: 'success', errorCode: null, dryRun: false,
    principal: who.principal, session: who.session, sourceIp, userAgent: given.userAgent ?? null, channel: 'unknown', target: given.target ? { ...given.target, account } : (shown?.target ?? null), addresses, facts, raw: null,
  };
}

function whoIn(given: GenericAlert, behind: Alert | null, options: ParseOptions): Identified {
  const { principal, provider, account } = given;
  const named = identify({ id: principal?.id ?? '', name: principal?.name, kind: principal?.kind, provider, account, accessKeyId: principal?.accessKeyId }, options);
  if (named.principal !== null) return named;
  return behind === null || (account !== undefined && behind.account !== account.toLowerCase()) ? named : { provider: behind.provider, account: behind.account, principal: behind.principal, session: behind.session };
}

const EVENTS: readonly Source[] = [cloudtrail, entraAudit, entraSignIn, azureActivity];

/** The cloud’s own record inside a SIEM’s alert, when it carries one. */
function eventBehind(raw: unknown, options: ParseOptions): Alert | null {
  const decoded = typeof raw === 'string' ? parseJson(raw, { bytes: 1024 * 1024, depth: 64, nodes: 50_000 }) : { value: raw };
  if ('problem' in decoded) return null;
  const source = EVENTS.find((one) => one.recognises(decoded.value));
  const first = source?.parse(decoded.value, options)[0];
  return first && 'alert' in first ? first.alert : null;
}
