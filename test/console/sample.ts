import type { ApprovalCard, ConsoleOptions, IncidentView } from '../../console';
import { chained } from '../../activities/evidence/chain';
import type { ChainedEntry } from '../../playbook/model/evidence';
import { CASE, closedCase, INCIDENT, principalNamed, recordOf } from '../report/sample';

export const TOKEN = 'a-token-that-is-long-enough-0123';

export function timelineOf(hostile = ''): ChainedEntry[] {
  const chain: ChainedEntry[] = [];
  for (const entry of recordOf(hostile)) chain.push(chained(entry, chain.length + 1, chain[chain.length - 1]?.hash ?? '0'.repeat(64)));
  return chain;
}

export function viewOf(hostile = ''): IncidentView {
  const { verdict, findings, times } = closedCase('ci-deploy', hostile);
  return {
    incident: INCIDENT, caseKey: CASE, principal: principalNamed(hostile || 'ci-deploy'), phase: 'investigation', verdict, alerts: 3, joined: 41,
    findings: findings.map(({ check, state, summary }) => ({ check, state, summary })),
    steps: [
      { step: 's1', row: '2.1.1', title: 'Deny everything to the user', target: hostile || 'ci-deploy', state: 'done', holds: true, at: '2026-03-01T10:00:23.000Z' },
      { step: 's2', row: '2.1.1', title: 'Disable the user’s access keys', target: 'ci-deploy', state: 'done', holds: false, at: '2026-03-01T10:00:24.000Z' },
      { step: 's3', row: '3.1', title: 'Delete the attacker’s user', target: 'backup-admin', state: 'failed', holds: false, at: '2026-03-01T12:18:00.000Z' },
    ],
    humanTasks: [{ title: 'Put a hardware MFA on root', reference: hostile || 'servicenow:INC0010001', done: false }], breakGlass: { outcome: 'used', error: null }, escalated: ['6.2'],
    times: { firstEvent: times.firstEvent, alerted: times.alerted, acknowledged: times.acknowledged, contained: times.contained }, watchUntil: null, problems: hostile ? [hostile] : [],
  };
}

export const cardOf = (hostile = ''): ApprovalCard => ({
  id: 'apr-00000000000000000001', title: `Eradicate what the attacker planted ${hostile}`, tier: 'dual', state: 'open', quorum: 2, deadline: '2026-03-01T14:05:00.000Z',
  changes: [`Delete the attacker’s user: delete user backup-admin ${hostile}`, 'Terminate the instance: i-0abc1234def567890'], unconfirmed: [], votes: [{ person: hostile || 'Ada Lovelace', decision: 'approve', at: '2026-03-01T10:04:05.000Z', via: 'slack' }],
});

export function optionsOf(hostile = '', more: Partial<ConsoleOptions> = {}): ConsoleOptions & { logged: [Record<string, unknown>, string][] } {
  const logged: [Record<string, unknown>, string][] = [];
  return {
    logged,
    incidents: {
      list: async () => [
        { incident: INCIDENT, principal: principalNamed(hostile || 'ci-deploy'), verdict: 'critical', risk: 'high', phase: 'investigation', openedAt: '2026-03-01T10:00:20.000Z', closedAt: null },
        { incident: 'inc-ffffffffffffffffffff', principal: null, verdict: 'false-positive', risk: 'low', phase: 'closed', openedAt: '2026-03-02T10:00:20.000Z', closedAt: '2026-03-02T10:01:00.000Z' },
      ],
      get: async (incident) => (incident === INCIDENT ? viewOf(hostile) : null), approvals: async () => [cardOf(hostile)],
    },
    evidence: {
      cases: async () => [CASE, `${INCIDENT}.2`], timeline: async () => timelineOf(hostile), report: async (caseKey, format) => (caseKey === CASE ? (format === 'html' ? '<!doctype html><style>p{}</style><p>report' : '# Report') : null),
      verify: async () => ({ ok: false, entries: 20, rawObjects: 3, sealed: true, sealHash: 'a'.repeat(64), signature: 'unsigned', first: { where: `cases/${CASE}/record/00000002.json`, what: 'changed', text: 'Entry 2 was changed after it was written.' } }),
    },
    codec: { decode: async (payloads) => payloads.map(({ data }) => ({ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data })) },
    auth: { whoIs: async (token) => (token === TOKEN ? 'console' : null) }, log: { info: (fields, message) => void logged.push([fields, message]), warn: (fields, message) => void logged.push([fields, message]) },
    passkeys: null, oidc: null, uiOrigin: 'http://localhost:8233', workflowUrl: (incident) => `http://localhost:8233/namespaces/default/workflows/${incident}`, secureCookies: true, ...more,
  };
}
