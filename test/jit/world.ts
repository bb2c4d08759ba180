import { ApplicationFailure } from '@temporalio/common';
import type { Notice, ShownApproval } from '../../activities/contract';
import type { JitCaseActivities, JitProviderActivities } from '../../activities/contract-jit';
import { digestOf } from '../../playbook/digest';
import type { Entitlement, GrantTerms, Looked } from '../../playbook/jit/model';
import { MAX_GRANT_MS } from '../../playbook/jit/rules';
import type { ApprovalRequest } from '../../playbook/model/approval';
import { keyOf } from '../keys';
import type { RecordEntry } from '../../playbook/model/evidence';

export const MINUTE = 60_000;
const tier = { quorum: 1, deadlineMs: 30 * MINUTE, remindEveryMs: 10 * MINUTE, backupAfterMs: 10 * MINUTE };

/** A cloud that knows who is in, and people who decide; both can be broken. */
export class JitWorld {
  approvers = ['ada', 'ben'];
  /** `account/person`: when the provider would end it by itself. */
  readonly open = new Map<string, string>();
  readonly standing = new Set<string>();
  readonly notices: Notice[] = [];
  readonly entries: RecordEntry[] = [];
  readonly shown: ShownApproval[] = [];
  readonly calls: { what: string; order: string; until?: string }[] = [];
  incidentsOpen = new Set<string>();
  failGive: string | null = null;
  /** That many ends leave something behind, or fail. */
  badEnds: ('present' | 'sessions' | 'throws')[] = [];
  maxMs = MAX_GRANT_MS;
  slowKeysMs = 0;

  private key = (order: { person: string; entitlement: Entitlement }): string => `${order.entitlement.account}/${order.person}`;

  terms(account: string): GrantTerms {
    return {
      identities: ['dana.ops'], accountName: account, entitlement: { kind: 'aws-identity-center', account: account === 'production' ? '111122223333' : '444455556666', permissionSetArn: 'arn:aws:sso:::permissionSet/a/b' },
      tier: 'approve', maxMs: this.maxMs, approvals: { approve: tier, dual: { ...tier, quorum: 2 }, 'break-glass': tier }, consoleUrl: null,
    };
  }

  caseActivities() {
    const jit: JitCaseActivities = {
      jitTerms: async ({ person, request }) => {
        if (request.role !== 'admin' || person === 'eve') throw ApplicationFailure.nonRetryable(`there is no role ${request.role} in ${request.account} that you may ask for`, 'GRANT_REFUSED');
        return this.terms(request.account);
      },
      jitOpenIncidents: async ({ incidents }) => incidents.filter((one) => this.incidentsOpen.has(one)),
      blockGrants: async () => undefined,
    };
    return {
      ...jit,
      record: async ({ entries }: { entries: RecordEntry[] }) => void this.entries.push(...entries),
      notify: async (notice: Notice) => { this.notices.push(notice); return []; },
      escalate: async () => [],
      showApproval: async (shown: ShownApproval) => { this.shown.push(shown); return { delivered: true, handle: {} }; },
      lookUpKeys: async ({ person }: { person: string }) => {
        await new Promise((resolve) => setTimeout(resolve, this.slowKeysMs));
        return [keyOf(person).hex];
      },
      lookUpApprovers: async ({ request }: { request: ApprovalRequest }) => this.approvers.filter((id) => id !== request.requester).map((id) => ({ id, name: id, email: `${id}@example.com`, slack: null, identities: [], roles: [], active: true })),
    };
  }

  providerActivities(): Record<string, unknown> {
    const jit: JitProviderActivities = {
      look: async ({ order }) => ({ principal: order.person, present: this.standing.has(this.key(order)) || this.open.has(this.key(order)) }),
      give: async ({ order, until, before }) => {
        this.calls.push({ what: 'give', order: digestOf(order), until });
        if (this.failGive) throw ApplicationFailure.nonRetryable('no', this.failGive);
        if (!before.present) this.open.set(this.key(order), until);
        return { present: true, sessionsDead: false, seen: {} };
      },
      end: async ({ order, before }): Promise<Looked> => {
        this.calls.push({ what: 'end', order: digestOf(order) });
        if (before.present) return { present: true, sessionsDead: true, seen: { standing: true } };
        const bad = this.badEnds.shift();
        if (bad === 'throws') throw ApplicationFailure.nonRetryable('denied', 'ACCESS_DENIED');
        if (bad) return { present: bad === 'present', sessionsDead: bad !== 'sessions', seen: {} };
        this.open.delete(this.key(order));
        return { present: false, sessionsDead: true, seen: {} };
      },
    };
    return Object.fromEntries(Object.entries(jit).map(([name, run]) => [`aws.jit.${name}`, run]));
  }
}
