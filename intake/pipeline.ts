import type { Alert, EvidenceRef } from '../playbook/model/alert';
import { cloudName, incidentIdOf, type Principal, type ProviderId } from '../playbook/model/principal';
import type { Classification, Reason } from '../playbook/model/verdict';
import type { Subject } from '../playbook/permission-audit/model';
import { unusedAccessOf } from '../playbook/permission-audit/finding';
import { pieceOf } from '../playbook/triage/bursts';
import { classify } from '../playbook/triage/classify';
import { decodeBody, type JsonLimits } from './json';
import type { Sender } from './senders';
import type { Parsed, ParseOptions, Rejection, Source } from './source';

/** As pino has it; never given a key, a body or a principal. */
export interface IntakeLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Pipeline {
  /** Keeps the body as it came before anything reads it; content-addressed, so that a repeat is one object. Rejects with EVIDENCE_UNAVAILABLE. */
  keep(content: Uint8Array, kind: 'alert', contentType: string): Promise<EvidenceRef>;
  /** Starts or joins the incident (signalWithStart). Resolves only when Temporal has the alert; the same alert twice changes nothing. */
  deliver(incident: string, principal: Principal, alert: Alert): Promise<void>;
  /** Tells people that something authentic was not understood. */
  notice(notice: { key: string; level: 'warn'; title: string; lines: string[] }): Promise<void>;
  /** Whose incident a principal's alerts belong to, where one person has several identities. Left out: the principal's own. */
  origin?(principal: Principal): Principal;
  /** Why this event is Tourniquet's own doing, or null: it is then understood and opens nothing. */
  own?(alert: Alert): Promise<Reason | null>;
  /** Starts or joins the permission audit's review of what a finding calls unused; returns its id. Left out: such findings open nothing. */
  review?(subject: Subject, alert: Alert): Promise<string>;
  /** Counts what only many events show; resolves when Temporal has it. Left out: nothing is counted over deliveries. */
  part?(principal: Principal, alert: Alert): Promise<void>;
  /** The clouds that are configured. An alert that calls for an incident in another is kept and told of, and opens none: nobody would take its work. Left out: all. */
  clouds?: readonly ProviderId[] | undefined;
  log: IntakeLog;
  /** ISO 8601 UTC. */
  now(): string;
  /** Azure tenant for sources whose records do not name it. */
  tenant?: string | undefined;
  personOf?: ParseOptions['personOf'];
  /** Ids of the own AWS organisations: who lets them in lets in nobody new. */
  organizations?: readonly string[] | undefined;
  /** Object ids of the tenants' emergency accounts, in lower case: a sign-in of theirs is one of a Global Administrator that nobody should see. */
  emergencyIdentities?: readonly string[] | undefined;
  /** A source gave a sign of life for this account. */
  heard?: ((source: string, account: string) => void) | undefined;
  json: JsonLimits;
  deliverMs: number;
}

/** What became of one record. */
export type RecordResult =
  | { status: 'accepted'; incident: string; alert: string }
  | { status: 'ignored'; alert: string; reasons: Reason[] }
  | ({ status: 'rejected' } & Rejection)
  | { status: 'failed'; incident: string; alert: string; problem: string };

export type Handling = { kind: 'handled'; results: RecordResult[] } | { kind: 'undecodable'; problem: string; tooLarge: boolean } | { kind: 'evidence-unavailable' };

/** Keep, decode, parse, classify, deliver: in this order, so that whatever goes wrong later, the record is there. */
export async function processBody(pipeline: Pipeline, source: Source, sender: Sender, body: Uint8Array): Promise<Handling> {
  let raw: EvidenceRef;
  try {
    raw = await pipeline.keep(body, 'alert', body[0] === 0x1f && body[1] === 0x8b ? 'application/gzip' : 'application/json');
  } catch {
    pipeline.log.error({ source: source.id }, 'the evidence store does not answer: the sender is told to come again');
    return { kind: 'evidence-unavailable' };
  }
  const decoded = await decodeBody(body, pipeline.json);
  if ('problem' in decoded) {
    await tell(pipeline, source, sender, raw, [{ path: 'body', problem: decoded.problem }]);
    return { kind: 'undecodable', problem: decoded.problem, tooLarge: decoded.tooLarge };
  }
  const receivedAt = pipeline.now();
  const judged = parsed(source, decoded.value, { personOf: pipeline.personOf, ...(pipeline.tenant === undefined ? {} : { tenant: pipeline.tenant }) }).map((one) => judge(one, pipeline));
  const rejected = judged.flatMap((one) => ('rejected' in one ? [one.rejected] : []));
  if (rejected.length > 0) await tell(pipeline, source, sender, raw, rejected);
  const results = await Promise.all(judged.map((one) => ('rejected' in one ? Promise.resolve<RecordResult>({ status: 'rejected', ...one.rejected }) : handle(pipeline, { ...one.alert, receivedAt, raw }, one.is))));
  return { kind: 'handled', results };
}

/** Adapters never throw; should one all the same, its message is kept and told and does not come again for ever. */
function parsed(source: Source, value: unknown, options: ParseOptions): Parsed[] {
  try {
    return source.parse(value, options);
  } catch {
    return [{ rejected: { path: '(record)', problem: `could not be read as ${source.id}: a bug in Tourniquet` } }];
  }
}

type Judged = { alert: Alert; is: Classification } | { rejected: Rejection };

/** Rules are total; should one fail all the same, its record is told to people and does not make the sender repeat it for ever. */
function judge(one: Parsed, { organizations, emergencyIdentities, heard, clouds }: Pipeline): Judged {
  if ('rejected' in one) return one;
  heard?.(one.alert.source, one.alert.account);
  try {
    const alert = withEmergency(withOrganizations(one.alert, organizations), emergencyIdentities);
    const is = classify(alert);
    if (clouds && !clouds.includes(alert.provider) && is.status !== 'ignored') return { rejected: { path: '(record)', problem: `${alert.event.slice(0, 100)} is about ${cloudName(alert.provider)}, which tourniquet.yaml does not configure: nobody can act on it` } };
    return { alert, is };
  } catch {
    return { rejected: { path: '(record)', problem: `${one.alert.id} could not be judged: a bug in Tourniquet` } };
  }
}

async function handle(pipeline: Pipeline, alert: Alert, { status, reasons }: Classification): Promise<RecordResult> {
  const ours = !pipeline.clouds || pipeline.clouds.includes(alert.provider);
  const unused = pipeline.review && ours ? unusedAccessOf(alert) : null;
  if (unused) return review(pipeline, unused, alert);
  if (status === 'ignored') return (await counted(pipeline, alert)) ?? { status, alert: alert.id, reasons };
  const own = await pipeline.own?.(alert).catch(() => null);
  if (own) return { status: 'ignored', alert: alert.id, reasons: [...reasons, own] };
  const principal = whose(pipeline, alert);
  const incident = incidentIdOf(principal);
  try {
    await within(pipeline.deliverMs, pipeline.deliver(incident, principal, alert));
    return { status: 'accepted', incident, alert: alert.id };
  } catch {
    return comeAgain(pipeline, alert, incident, 'the alert could not be delivered', 'the incident could not be started');
  }
}

const whose = (pipeline: Pipeline, alert: Alert): Principal => (alert.principal ? (pipeline.origin?.(alert.principal) ?? alert.principal) : unattributed(alert));

/** Null when it is with Temporal, or is part of nothing. */
async function counted(pipeline: Pipeline, alert: Alert): Promise<RecordResult | null> {
  if (!pipeline.part || pieceOf(alert) === null) return null;
  const principal = whose(pipeline, alert);
  try {
    await within(pipeline.deliverMs, pipeline.part(principal, alert));
    return null;
  } catch {
    return comeAgain(pipeline, alert, incidentIdOf(principal), 'what may be part of a burst could not be counted', 'it could not be counted');
  }
}

async function review(pipeline: Pipeline, subject: Subject, alert: Alert): Promise<RecordResult> {
  try {
    return { status: 'accepted', incident: await within(pipeline.deliverMs, pipeline.review!(subject, alert)), alert: alert.id };
  } catch {
    return comeAgain(pipeline, alert, '', 'the review could not be started', 'the review could not be started');
  }
}

/** Temporal does not have it in time: said, and not acknowledged. */
function comeAgain({ log }: Pipeline, { source, id }: Alert, incident: string, what: string, problem: string): RecordResult {
  log.error({ source, ...(incident === '' ? {} : { incident }), alert: id }, `${what}: the sender is told to come again`);
  return { status: 'failed', incident, alert: id, problem: `${problem}: send it again` };
}

export const withOrganizations = (alert: Alert, organizations: readonly string[] | undefined): Alert => (organizations?.length && alert.provider === 'aws' ? { ...alert, facts: { ...alert.facts, ownOrganizations: [...organizations] } } : alert);

const withEmergency = (alert: Alert, identities: readonly string[] | undefined): Alert => (alert.provider === 'azure' && alert.principal && identities?.includes(alert.principal.id.toLowerCase()) ? { ...alert, facts: { ...alert.facts, emergencyAccount: true } } : alert);

/** An alert without a usable identity opens an incident on its account: loud, never dropped. */
export function unattributed(alert: Alert): Principal {
  return { provider: alert.provider, account: alert.account, kind: 'unknown', id: `unattributed:${alert.account}`, name: 'unattributed activity' };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const MOST_LINES = 20;

/** An authentic record that nobody understood: shown to people, with where it lies. A notice that cannot be sent does not lose the alert. */
async function tell(pipeline: Pipeline, source: Source, sender: Sender, raw: EvidenceRef, problems: Rejection[]): Promise<void> {
  pipeline.log.warn({ source: source.id, sender: sender.id, evidence: raw.key, problems: problems.slice(0, MOST_LINES) }, 'an authentic alert could not be understood');
  const lines = problems.slice(0, MOST_LINES).map(({ path, problem }) => `${path} ${problem}`);
  if (problems.length > MOST_LINES) lines.push(`and ${problems.length - MOST_LINES} more`);
  await pipeline
    .notice({ key: `unparseable/${source.id}/${raw.sha256}`, level: 'warn', title: `An alert from ${source.id} (sender ${sender.id}) could not be understood`, lines: [...lines, `kept as ${raw.key}`] })
    .catch(() => pipeline.log.error({ source: source.id, evidence: raw.key }, 'the notice about an alert that was not understood could not be sent'));
}
