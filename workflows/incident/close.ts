import { caseActivities } from '../options';
import type { Engine } from './engine';
import type { IncidentResult, Outcome } from './state';

/** 5 and the end: IoCs, report, evidence sealed. Waits for the store as long as it takes. */
export async function close(engine: Engine, outcome: Outcome): Promise<IncidentResult> {
  const { state } = engine;
  engine.enter('closing');
  const closed = new Date().toISOString();
  engine.record('closed', 'closed', `Closed: ${outcome}${state.problems.length ? `; ${state.problems.length} problems` : ''}`, { outcome, problems: state.problems });
  await engine.flushed();
  const { sealHash } = await caseActivities('Write the report, seal the evidence').closeCase({
    caseKey: state.caseKey, incident: state.incident, principal: state.principal, verdict: state.verdict!, alerts: [...state.alerts, ...state.handed], findings: state.findings,
    outcome, seen: state.seen, times: { ...state.times, closed },
  });
  engine.enter('closed');
  return { outcome, caseKey: state.caseKey, sealHash };
}
