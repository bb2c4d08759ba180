import fc from 'fast-check';
import { buildReport, duration, renderHtml, renderMarkdown } from '../../activities/report';
import { code, md } from '../../activities/report/markdown';
import { chained } from '../../activities/evidence/chain';
import type { ChainedEntry, RecordEntry } from '../../playbook/model/evidence';
import { CASE, closedCase, HOSTILE, people, recordOf } from './sample';

function chainOf(entries: RecordEntry[]): ChainedEntry[] {
  const chain: ChainedEntry[] = [];
  for (const entry of entries) chain.push(chained(entry, chain.length + 1, chain[chain.length - 1]?.hash ?? '0'.repeat(64)));
  return chain;
}
const report = (hostile = '') => buildReport({ caseKey: CASE, chain: chainOf(recordOf(hostile)), closed: closedCase(hostile || 'ci-deploy', hostile), seal: null, people });

describe('what the report says', () => {
  it('measures from the right clocks', () => {
    expect(report().metrics).toEqual({ mttd: 19_000, mtta: 225_000, mttc: 4_300 });
    expect(buildReport({ caseKey: CASE, chain: [], closed: null, seal: null, people }).metrics).toEqual({ mttd: null, mtta: null, mttc: null });
  });
  it('has each action once, with what was before and after, and how it ended', () => {
    expect(report().actions.map(({ row, title, target, effect }) => [row, title, target, effect])).toEqual([
      ['2.1.1', expect.any(String), 'ci-deploy', 'in effect'], ['2.1.1', expect.any(String), 'ci-deploy', 'not in effect'], ['3.1', expect.any(String), expect.stringContaining('backup-admin'), 'failed'],
    ]);
    expect(report().actions[0]).toMatchObject({ before: { denied: false }, after: { simulated: 'explicitDeny' }, change: [expect.stringContaining('TourniquetDenyAll')] });
  });
  it('keeps an undo with the action that it undid', () => {
    const undo: RecordEntry = { key: 'undo/aws.deny-user#111111111111//y', at: '2026-03-01T11:00:00.000Z', kind: 'undo', text: 'Undone', data: { step: 'aws.deny-user#111111111111', seen: { left: [] } } };
    const { actions } = buildReport({ caseKey: CASE, chain: chainOf([...recordOf(), undo]), closed: null, seal: null, people });
    expect(actions.filter((action) => action.undone)).toMatchObject([{ effect: 'undone', before: { denied: false } }]);
  });
  it('names who decided, when and by which way', () => {
    expect(report().approvals).toMatchObject([
      { title: 'Eradicate what the attacker planted', tier: 'dual', quorum: 2, outcome: 'approved', votes: [{ person: 'Ada Lovelace', via: 'slack', at: '2026-03-01T10:04:05.000Z' }, { person: 'Grace Hopper', via: 'cli' }] },
      { id: 'apr-00000000000000000002', tier: 'break-glass', outcome: 'approved' },
    ]);
  });
  it('shows the lease and its proof', () => {
    expect(report().breakGlass).toMatchObject({ outcome: 'used', proof: { newVersion: 4, oldRefused: true } });
    expect(buildReport({ caseKey: CASE, chain: [], closed: null, seal: null, people }).breakGlass).toBeNull();
  });
  it('has every row of 1.2 and 1.3, and says which were not looked at', () => {
    const { findings } = report();
    expect(findings).toHaveLength(14);
    expect(findings.filter((finding) => finding.state === 'not-looked').map((finding) => finding.id)).toEqual(['1.2.7-resources-created', '1.3.3-network', '1.3.4-functions']);
  });
  it('lists what is left for people: refusals, things to judge, tasks not proven', () => {
    expect(report().left).toEqual([
      'aws.block-ip-security-group on sg-1 was not carried out: ACCESS_DENIED ec2:RevokeSecurityGroupIngress', 'instance i-0fff is not attributable', '2.2.6 Task for a person: Contact provider support (servicenow:INC0010002)',
    ]);
    expect(report().tasks.map((task) => task.done)).toEqual([true, false]);
  });
  it('orders the timeline by time', () => {
    const times = report().timeline.map((line) => Date.parse(line.at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(report().timeline[0]).toMatchObject({ kind: 'event', text: expect.stringContaining('CreateUser by ci-deploy on backup-admin from 203.0.113.7') });
  });
  it('can be made while the incident is open, from the record alone', () => {
    const interim = buildReport({ caseKey: CASE, chain: chainOf(recordOf()).slice(0, 8), closed: null, seal: null, people });
    expect(interim).toMatchObject({ outcome: null, verdict: { kind: 'critical' }, principal: { name: 'ci-deploy' }, metrics: { mttd: 19_000, mttc: 4_000 } });
    expect(interim.findings[0]).toMatchObject({ state: 'found', summary: 'IAM user ci-deploy' });
    expect(renderHtml(interim)).toContain('(interim)');
  });
  it('comes out whatever stands in the record', () => {
    const kinds = ['alert', 'triage', 'finding', 'plan', 'action', 'undo', 'approval', 'lease', 'escalation', 'error'] as const;
    const odd = fc.record({
      key: fc.oneof(fc.constantFrom('opened', 'task/x', 'task/x/done', 'break-glass/used', 'action/a#b/failed'), fc.string()), at: fc.oneof(fc.constant('2026-03-01T10:00:00.000Z'), fc.string()), kind: fc.constantFrom(...kinds), text: fc.string(),
      data: fc.dictionary(fc.constantFrom('step', 'target', 'before', 'seen', 'approval', 'votes', 'refused', 'check', 'state', 'proof', 'x'), fc.jsonValue()),
    });
    fc.assert(fc.property(fc.array(odd, { maxLength: 6 }), (entries) => {
      const built = buildReport({ caseKey: CASE, chain: chainOf(entries as RecordEntry[]), closed: null, seal: null, people });
      renderMarkdown(built);
      renderHtml(built);
    }), { numRuns: 150 });
  });
});

describe('hostile text', () => {
  it('is inert in HTML', () => {
    const page = renderHtml(report(HOSTILE));
    expect(page).not.toMatch(/<script|<img|onerror=alert\(2\)>/i);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('\u202e');
    expect(page).not.toMatch(/<[^>]*\b(?:src|href|on\w+)=/);
    expect(page).toContain("default-src 'none'");
  });
  it('is inert in Markdown', () => {
    const text = renderMarkdown(report(HOSTILE)).replace(/^```+json\n[\s\S]*?\n```+$/gm, '').replace(/(`+).*?\1/g, '');
    expect(text).not.toMatch(/<(script|img)/i);
    expect(text).not.toMatch(/(?<!\\)\]\(/);
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/@here/);
    expect(text).not.toContain('\u202e');
  });
  it('keeps a table a table: every row has the cells of its head', () => {
    const cells = (line: string) => line.replace(/\\\|/g, '').split('|').length;
    for (const block of renderMarkdown(report(HOSTILE)).split('\n\n').filter((part) => part.startsWith('| '))) {
      const lines = block.split('\n');
      for (const line of lines) expect([line, cells(line)]).toEqual([line, cells(lines[0]!)]);
    }
  });
  it('never leaves its line or its code span', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(md(text)).not.toMatch(/[\n\r<>]/);
      expect(code(text)).not.toMatch(/[\n\r]/);
    }));
    expect(code('a`b')).toBe('``a`b``');
    expect(code('`')).toBe('`` ` ``');
  });
});

it.each([[0, '0 s'], [4_300, '4.3 s'], [65_000, '1 min 5 s'], [225_000, '3 min 45 s'], [3_600_000, '1 h'], [262_800_000, '3 d 1 h']])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
