import type { AccessRequest, Entitlement, GrantTerms } from '../../playbook/jit/model';
import type { Person } from '../../playbook/model/people';
import type { Tier } from '../../playbook/model/plan';
import { classified } from '../actions';
import { fail } from '../boundary';
import type { JitCaseActivities } from '../contract-jit';

/** One role of the configuration, in one account. */
export interface GrantableRole {
  name: string;
  accountName: string;
  /** The id that it goes by besides: account, tenant, subscription. */
  accountId: string;
  /** Who may ask: person ids, or `role:<role>`. */
  who: string[];
  tier: Exclude<Tier, 'automatic'>;
  maxMs: number;
  entitlement: Entitlement;
}

export interface JitCaseDeps {
  roles: readonly GrantableRole[];
  /** Read afresh: somebody who left a minute ago gets nothing. */
  people(): Promise<Person[]>;
  settings: Pick<GrantTerms, 'approvals' | 'consoleUrl'>;
  /** Is this incident's workflow still running? */
  isOpen(incident: string): Promise<boolean>;
  /** Starts or signals the person's grants. */
  block(person: string, incident: string): Promise<void>;
}

/** The configuration's word on just-in-time access; holds no cloud credential. */
export function createJitCaseActivities(deps: JitCaseDeps): JitCaseActivities {
  const known = <I, O>(run: (input: I) => Promise<O>) => classified(() => null, run);
  return {
    jitTerms: known(async ({ person: id, request }) => {
      const person = (await deps.people()).find((one) => one.id === id);
      if (!person?.active) throw fail('GRANT_REFUSED', `${id} is not an active person of the directory`);
      const role = roleFor(deps.roles, person, request);
      return { identities: person.identities, accountName: role.accountName, entitlement: role.entitlement, tier: role.tier, maxMs: role.maxMs, ...deps.settings };
    }),
    jitOpenIncidents: known(async ({ incidents }) => {
      const open = await Promise.all(incidents.map((incident) => deps.isOpen(incident)));
      return incidents.filter((_, index) => open[index]);
    }),
    blockGrants: known(async ({ incident, people }) => {
      for (const person of people) await deps.block(person, incident);
    }),
  };
}

/** The same words whether the role does not exist or is not for this person: nobody learns what there is. */
function roleFor(roles: readonly GrantableRole[], person: Person, { role, account }: Pick<AccessRequest, 'role' | 'account'>): GrantableRole {
  const found = roles.find((one) => one.name === role && (one.accountName === account || one.accountId === account) && mayAsk(one, person));
  if (!found) throw fail('GRANT_REFUSED', `there is no role ${role} in ${account} that you may ask for`);
  return found;
}

/** Whether this person may ask for this role. */
export function mayAsk(role: Pick<GrantableRole, 'who'>, person: Pick<Person, 'id' | 'roles'>): boolean {
  return role.who.some((who) => (who.startsWith('role:') ? person.roles.includes(who.slice('role:'.length)) : who === person.id));
}
