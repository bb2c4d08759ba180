import { incidentIdOf } from '../../playbook/model/principal';
import { mayHaveOrigin, type SessionOrigin } from '../../playbook/session-chain';
import { caseActivities, providerActivities, risk } from '../options';
import { failureCode, type Engine } from './engine';
import { KEPT_ALERTS, type IncidentState } from './state';

/** How long an incident that is empty now still passes on what comes of its sessions, before it is closed. */
const LINGER_MS = 3_600_000;
/** Containment here waits no longer than this: what cannot be handed over by then is contained here. */
const soon = { ...risk.read, startToCloseTimeout: '5s', scheduleToCloseTimeout: '10s' } as const;

/** Sends alerts on to the incident of who opened their session: a chain of role sessions is one incident on its origin. True when nothing is left here. */
export async function handOver(engine: Engine, origins: readonly SessionOrigin[] | undefined): Promise<boolean> {
  const { state } = engine;
  for (const origin of origins ?? []) {
    if (incidentIdOf(origin.principal) === state.incident) continue;
    const alerts = state.alerts.filter((alert) => origin.alerts.includes(alert.id) && mayHaveOrigin(alert, state.incident));
    if (alerts.length > 0) await send(engine, origin, alerts);
  }
  return state.alerts.length === 0;
}

async function send(engine: Engine, origin: SessionOrigin, alerts: IncidentState['alerts']): Promise<void> {
  const { state } = engine;
  try {
    const to = await engine.during(() => caseActivities('Hand over to who opened the session', soon).handOver({ incident: state.incident, caseKey: state.caseKey, origin, alerts }));
    if (to.incident === state.incident) return;
    state.alerts = state.alerts.filter((alert) => !alerts.includes(alert));
    state.handed = [...state.handed, ...alerts].slice(0, KEPT_ALERTS);
    // What was planned beside triage was for all of them.
    engine.early.clear();
    if (!state.handedTo.some(({ incident }) => incident === to.incident)) state.handedTo.push({ incident: to.incident, name: to.principal.name });
    engine.record('note', `handed-over/${to.incident}/${alerts[0]!.id}`, `Handed over to the incident of ${to.principal.name} (${to.incident}): ${origin.how}`, { to: to.incident, alerts: alerts.map((alert) => alert.id) });
  } catch (error) {
    // Kept here, and contained here: an alert is never between two incidents.
    engine.unfinished(`alerts could not be handed over to the incident of ${origin.principal.name}: ${failureCode(error)}`);
  }
}

/** Passes on what else comes of sessions that were handed over, until an hour is quiet. False when something came that belongs here. */
export async function passOn(engine: Engine): Promise<boolean> {
  const { state } = engine;
  engine.release();
  engine.enter('handed-over');
  state.fresh = false;
  while (await engine.wait(() => state.fresh, LINGER_MS, `handed over to ${state.handedTo.map(({ name }) => name).join(', ')}; passes on what comes`)) {
    state.fresh = false;
    if (!(await handOverFresh(engine))) return false;
  }
  return true;
}

/** Looks up who opened the sessions of alerts that came since. True when nothing is left here. */
export async function handOverFresh(engine: Engine): Promise<boolean> {
  const { state } = engine;
  const unknown = state.alerts.filter((alert) => mayHaveOrigin(alert, state.incident));
  if (unknown.length === 0) return state.alerts.length === 0;
  try {
    const { origins } = await engine.during(() => providerActivities(state.principal.provider, risk.read, 'Look up who opened the session').lookUp({ principal: state.principal, alerts: unknown }));
    return await handOver(engine, origins);
  } catch (error) {
    engine.problem(`who opened the session could not be looked up: ${failureCode(error)}`);
    return false;
  }
}

/** What check 1.2.1 found, in the form of the look-up. */
export function originsFound(state: IncidentState): SessionOrigin[] {
  const facts = state.findings.find(({ check }) => check === '1.2.1-who')?.facts['origins'];
  return Array.isArray(facts) ? (facts as unknown as SessionOrigin[]) : [];
}
