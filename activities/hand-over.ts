import type { Alert } from '../playbook/model/alert';
import { incidentIdOf, type Principal } from '../playbook/model/principal';
import { withOrigin } from '../playbook/session-chain';
import type { CaseActivities } from './contract';

export interface HandOverDeps {
  /** Starts or joins the incident; resolves only when Temporal has the alert. The same alert twice changes nothing. */
  deliver(incident: string, principal: Principal, alert: Alert): Promise<void>;
  /** Whose incident a principal's alerts belong to, where one person has several identities. */
  origin(principal: Principal): Principal;
}

/** Alerts of a session go to the incident of who opened it; what belongs here already is left here. */
export function createHandOver({ deliver, origin }: HandOverDeps): Pick<CaseActivities, 'handOver' | 'raiseAlert'> {
  return {
    async raiseAlert({ principal: found, alert }) {
      const principal = origin(found);
      const incident = incidentIdOf(principal);
      await deliver(incident, principal, alert);
      return { incident };
    },
    async handOver({ incident: here, origin: found, alerts }) {
      const principal = origin(found.principal);
      const incident = incidentIdOf(principal);
      if (incident !== here) await Promise.all(alerts.map((alert) => deliver(incident, principal, withOrigin(alert, found))));
      return { incident, principal };
    },
  };
}
