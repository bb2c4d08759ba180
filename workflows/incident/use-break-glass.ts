import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { breakGlassReasons } from '../../playbook/break-glass';
import { digestOf } from '../../playbook/digest';
import type { Principal } from '../../playbook/model/principal';
import { breakGlass } from '../break-glass';
import { searchAttributes } from '../search-attributes';
import type { Engine } from './engine';
import { tell } from './investigate';
import { caseContext, findingsOf, sideLabel, sidesOf } from './sides';

/** The break-glass sequence, when the responder's own role is not enough or may have been altered; one side after the other, each with its own credential. */
export async function useBreakGlass(engine: Engine): Promise<void> {
  const { state } = engine;
  for (const side of sidesOf(state)) {
    await engine.once(side === state.principal ? 'break-glass' : `break-glass/${side.provider}`, 'break-glass', () => onSide(engine, side));
  }
}

async function onSide(engine: Engine, side: Principal): Promise<void> {
  const { state } = engine;
  const reasons = breakGlassReasons({
    principal: side, alerts: caseContext(state, side).alerts, lookedUp: state.lookedUp!, findings: findingsOf(state, side),
    outcomes: state.applied.filter(({ step }) => step.target.provider === side.provider).map(({ outcome }) => outcome),
  });
  if (reasons.length === 0) return;
  const { account } = side;
  const of = sideLabel(state, side.provider);
  const credential = state.settings!.emergencyCredentials[account];
  if (!credential) {
    state.breakGlass = { outcome: 'not-configured', approval: null, steps: [], proof: null, error: null };
    engine.unfinished(`${of}break-glass is needed and account ${account} has no emergency credential: ${reasons.join('; ')}`);
    tell(engine, `break-glass/not-configured${of ? `/${side.provider}` : ''}`, 'page', 'Break-glass is needed and not configured', reasons);
    return;
  }
  const workflowId = `bgl-${digestOf([state.caseKey, credential]).slice(0, 20)}`;
  if (state.breakGlassWorkflow !== workflowId) {
    state.breakGlass = null;
    await engine.flushed();
    await engine.during(() =>
      startChild(breakGlass, {
        workflowId,
        args: [{
          ...caseContext(state, side), findings: findingsOf(state, side), settings: state.settings!,
          recused: state.linkedPeople, account, credential, reasons,
        }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `Break-glass for ${side.name}`,
        typedSearchAttributes: [{ key: searchAttributes.incident, value: state.incident }],
      }),
    );
    state.breakGlassWorkflow = workflowId;
  }
  await engine.wait(() => state.breakGlass !== null, null, 'waiting for break-glass');
  const result = state.breakGlass!;
  if (result.outcome !== 'used') engine.unfinished(`${of}break-glass ended ${result.outcome}${result.error ? `: ${result.error}` : ''}`);
}
