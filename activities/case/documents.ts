import type { Alert } from '../../playbook/model/alert';
import { personOf, type Person } from '../../playbook/model/people';
import type { Principal } from '../../playbook/model/principal';
import type { Documents } from '../../playbook/triage/inputs';
import { codeOf, fail } from '../boundary';
import type { Registers } from '../registers';
import type { ChangeQuery, TicketSystem } from '../tickets';
import { within } from '../within';

export interface DocumentSources {
  registers: Registers;
  /** Null when none is configured: then there are no change requests, and that is known. */
  tickets: TicketSystem | null;
  people: readonly Person[];
  /** For the ticket system (the registers are in memory): triage waits for it, so containment does too. Default 10 s. */
  ticketPatienceMs?: number;
}

const DAY_MS = 86_400_000;
/** A change planned for another day is a mismatch that triage should see, not one that nobody finds. */
const NEAR_MS = 7 * DAY_MS;

/** Everything written down that speaks for or against these alerts. Never throws for a source that is away: it is named in `unreadable`. */
export async function documentsFor(sources: DocumentSources, principal: Principal, alerts: readonly Alert[]): Promise<Documents> {
  const unreadable: Documents['unreadable'] = [];
  let changes: Documents['changes'] = [];
  if (sources.tickets) {
    try {
      // The adapter has its own limits; this one holds whatever the adapter does.
      changes = await within(sources.tickets.changesFor(queryFor(sources.people, principal, alerts)), sources.ticketPatienceMs ?? 10_000, () => fail('TICKETS_UNAVAILABLE', 'did not answer in time'));
    } catch (error) {
      const why = error instanceof Error && codeOf(error) ? error.message : 'not foreseen';
      unreadable.push({ source: `tickets:${sources.tickets.name}`, error: `${codeOf(error) ?? 'UNEXPECTED'}: ${why}` });
    }
  }
  const registers = sources.registers.documents();
  const identities = [
    ...actors(principal, alerts), ...changes.flatMap((change) => change.who), ...registers.rotations.flatMap((rotation) => [rotation.principal, ...rotation.by]),
    ...registers.authorizedAdmins.map((one) => one.identity), ...alerts.flatMap((alert) => (alert.target ? [alert.target.id] : [])),
  ];
  return { changes, ...registers, people: peopleBehind(sources.people, identities), unreadable };
}

/** People whose own identity the principal is: they decide nothing about it. */
export function linkedPeople(people: readonly Person[], principal: Principal, alerts: readonly Alert[]): string[] {
  const found = actors(principal, alerts).map((identity) => personOf(people, identity)?.id).filter((id) => id !== undefined);
  return [...new Set(found)];
}

/**
 * Identities that acted. A session's name is taken for a person only where Identity Center has set it: in a plain AssumeRole the caller
 * chooses it, and could name an approver to keep that person from deciding.
 */
function actors(principal: Principal, alerts: readonly Alert[]): string[] {
  const ofAlert = alerts.flatMap(({ principal: who, session }) => [
    ...(who ? [who.id, ...(named.has(who.kind) ? [who.name] : [])] : []),
    ...(session?.name && session.roleArn && IDENTITY_CENTER_ROLE.test(session.roleArn) ? [session.name] : []),
  ]);
  return [...new Set([principal.id, ...(named.has(principal.kind) ? [principal.name] : []), ...ofAlert])];
}

const named: ReadonlySet<Principal['kind']> = new Set(['identity-center-user', 'federated-user', 'guest']);
const IDENTITY_CENTER_ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/(aws-reserved\/sso\.amazonaws\.com\/([a-z0-9-]+\/)?)?AWSReservedSSO_[\w+=,.@-]+$/;

function queryFor(people: readonly Person[], principal: Principal, alerts: readonly Alert[]): ChangeQuery {
  const times = alerts.map((alert) => Date.parse(alert.time)).filter((time) => !Number.isNaN(time));
  const who = [...actors(principal, alerts), principal.name];
  const persons = people.filter((person) => linkedPeople(people, principal, alerts).includes(person.id)).flatMap((person) => [person.id, person.email]);
  const targets = alerts.flatMap(({ target }) => (target ? [target.id, target.id.split(/[/:]/).pop() ?? ''] : []));
  const [first, last] = times.length > 0 ? [Math.min(...times), Math.max(...times)] : [Date.now(), Date.now()];
  return {
    who: [...new Set([...who, ...persons])].filter(Boolean), targets: [...new Set(targets)].filter(Boolean),
    from: new Date(first - NEAR_MS).toISOString(), until: new Date(last + NEAR_MS).toISOString(),
  };
}

/** Identity → person, for all identities of everybody who occurs; also by person id and e-mail, as tickets and registers name people. */
function peopleBehind(people: readonly Person[], identities: readonly string[]): Record<string, string> {
  const wanted = new Set(identities.map((identity) => identity.toLowerCase()));
  const all = people.map((person) => ({ person, names: [person.id, person.email, ...person.identities] }));
  const concerned = all.filter(({ names }) => names.some((name) => wanted.has(name.toLowerCase())));
  const found = new Map(concerned.flatMap(({ person, names }) => names.map((name) => [name, person.id] as const)));
  for (const identity of identities) {
    const owner = concerned.find(({ names }) => names.some((name) => name.toLowerCase() === identity.toLowerCase()));
    if (owner) found.set(identity, owner.person.id);
  }
  return Object.fromEntries(found);
}
