import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { breakGlassReasons } from '../../playbook/break-glass';
import { digestOf } from '../../playbook/digest';
import { breakGlass } from '../break-glass';
import { searchAttributes } from '../search-attributes';
import type { Engine } from './engine';
import { tell } from './investigate';

/** The break-glass sequence, when the responder's own role is not enough or may have been altered. */
export async function useBreakGlass(engine: Engine): Promise<void> {
  const { state } = engine;
  const reasons = breakGlassReasons({
    principal: state.principal, alerts: state.alerts, lookedUp: state.lookedUp!, findings: state.findings, outcomes: state.applied.map(({ outcome }) => outcome),
  });
  if (reasons.length === 0) return;
  const { account } = state.principal;
  const credential = state.settings!.emergencyCredentials[account];
  if (!credential) {
    state.breakGlass = { outcome: 'not-configured', approval: null, steps: [], proof: null, error: null };
    engine.unfinished(`break-glass is needed and account ${account} has no emergency credential: ${reasons.join('; ')}`);
    tell(engine, 'break-glass/not-configured', 'page', 'Break-glass is needed and not configured', reasons);
    return;
  }
  if (!state.breakGlassWorkflow) {
    const workflowId = `bgl-${digestOf([state.caseKey, credential]).slice(0, 20)}`;
    await engine.flushed();
    await engine.during(() =>
      startChild(breakGlass, {
        workflowId,
        args: [{
          incident: state.incident, caseKey: state.caseKey, principal: state.principal, alerts: state.alerts, findings: state.findings, settings: state.settings!,
          recused: state.linkedPeople, account, credential, reasons,
        }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `Break-glass for ${state.principal.name}`,
        typedSearchAttributes: [{ key: searchAttributes.incident, value: state.incident }],
      }),
    );
    state.breakGlassWorkflow = workflowId;
  }
  await engine.wait(() => state.breakGlass !== null, null, 'waiting for break-glass');
  const result = state.breakGlass!;
  if (result.outcome !== 'used') engine.unfinished(`break-glass ended ${result.outcome}${result.error ? `: ${result.error}` : ''}`);
}
