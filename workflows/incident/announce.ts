import { caseActivities, risk } from '../options';
import { failureCode, type Engine } from './engine';
import { escalateDue, tell } from './investigate';

/** One attacker may have many; a campaign needs a few to see the link. */
const MOST_ADDRESSES = 20;

/** The first word to people, the escalations that are due already, and the organisation's campaign. Holds nothing up. */
export function announce(engine: Engine): void {
  const { state } = engine;
  const { verdict, settings, principal } = state;
  tell(engine, 'opened', 'page', `${verdict!.risk.toUpperCase()}: ${principal.name} (${principal.account})`, [
    ...verdict!.reasons.map((reason) => reason.text),
    `${state.applied.filter(({ outcome }) => outcome.holds).length} of ${state.applied.length} containment steps in effect`,
    ...(settings!.consoleUrl ? [`${settings!.consoleUrl}/incidents/${state.incident}`] : []),
  ]);
  escalateDue(engine);
  void engine
    .during(() =>
      caseActivities('Join the campaign', risk.notify).joinCampaign({
        caseKey: state.caseKey, incident: state.incident, provider: principal.provider, account: principal.account, at: state.times.firstEvent, ...settings!.campaign,
        addresses: [...new Set(state.alerts.flatMap((alert) => [...(alert.sourceIp ? [alert.sourceIp] : []), ...alert.addresses]))].slice(0, MOST_ADDRESSES),
      }),
    )
    .catch((error: unknown) => engine.problem(`the campaign does not know of this incident: ${failureCode(error)}`));
}
