import { buildReport, renderOcsf } from '../../activities/report';
import { ocsf } from '../../intake/ocsf';
import { classify } from '../../playbook/triage/classify';
import { CASE, closedCase, HOSTILE, people } from './sample';

/** Names that the published schema has (OCSF schema: events/findings, objects of that name), as far as they are used here, and what it requires. */
const SCHEMA: Record<string, { has: string; needs: string }> = {
  '': { has: 'class_uid class_name category_uid category_name activity_id activity_name type_uid type_name time severity_id severity status_id status is_alert message metadata cloud finding_info evidences resources', needs: 'class_uid category_uid activity_id type_uid time severity_id metadata finding_info cloud' },
  metadata: { has: 'version uid product profiles', needs: 'version product' }, 'metadata.product': { has: 'name vendor_name uid version', needs: 'vendor_name' },
  cloud: { has: 'provider region account', needs: 'provider' }, 'cloud.account': { has: 'uid name type type_id', needs: '' },
  finding_info: { has: 'uid title desc types created_time modified_time first_seen_time last_seen_time attacks src_url', needs: 'uid' }, 'finding_info.attacks': { has: 'technique sub_technique tactics tactic version', needs: '' }, 'finding_info.attacks.technique': { has: 'uid name src_url', needs: '' }, 'finding_info.attacks.sub_technique': { has: 'uid name src_url', needs: '' },
  evidences: { has: 'actor src_endpoint api uid name', needs: '' }, 'evidences.actor': { has: 'user session process', needs: '' }, 'evidences.actor.user': { has: 'uid uid_alt name account credential_uid type type_id', needs: '' }, 'evidences.actor.user.account': { has: 'uid name type type_id', needs: '' }, 'evidences.src_endpoint': { has: 'ip', needs: '' },
  resources: { has: 'uid name type region cloud_partition', needs: '' },
};

function problemsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => (typeof one === 'object' ? problemsOf(one, path) : []));
  if (typeof value !== 'object' || value === null) return [];
  const schema = SCHEMA[path];
  if (!schema) return [`${path}: no object of the schema`];
  const names = Object.keys(value);
  const wrong = names.filter((name) => !schema.has.split(' ').includes(name)).map((name) => `${path}.${name}: not in the schema`);
  const missing = schema.needs.split(' ').filter((name) => name !== '' && !names.includes(name)).map((name) => `${path}.${name}: required`);
  return [...wrong, ...missing, ...names.flatMap((name) => problemsOf((value as Record<string, unknown>)[name], path === '' ? name : `${path}.${name}`))];
}

const report = (closed = closedCase()) => buildReport({ caseKey: CASE, chain: [], closed, seal: null, people });

test('a closed case is a Detection Finding by the published names', () => {
  const finding = renderOcsf(report());
  expect(problemsOf(finding)).toEqual([]);
  expect(finding).toMatchObject({ class_uid: 2004, type_uid: 200403, activity_id: 3, severity_id: 4, status_id: 4, time: Date.parse('2026-03-01T10:00:20.000Z'), finding_info: { uid: CASE, attacks: [{ technique: { uid: 'T1136' }, sub_technique: { uid: 'T1136.003' } }, { technique: { uid: 'T1098' } }] } });
  expect(finding['resources']).toContainEqual(expect.objectContaining({ uid: 'i-0abc1234def567890', region: 'eu-west-1' }));
  expect(JSON.stringify(finding['resources'])).not.toContain('i-0fff');
});
test('an open one is in progress, a false positive suppressed', () => {
  expect(renderOcsf({ ...report(), outcome: null })).toMatchObject({ activity_id: 1, type_uid: 200401, status_id: 2 });
  const closed = closedCase();
  expect(renderOcsf(report({ ...closed, verdict: { ...closed.verdict!, kind: 'false-positive' } }))).toMatchObject({ status_id: 3, is_alert: false });
});
test('what goes out can come in, about the same principal', () => {
  const [back] = ocsf.parse(JSON.parse(JSON.stringify(renderOcsf({ ...report(), outcome: null }))));
  if (!back || !('alert' in back)) throw new Error(JSON.stringify(back));
  expect(back.alert.principal).toMatchObject({ id: 'arn:aws:iam::111111111111:user/ci-deploy' });
  expect(classify(back.alert)).toMatchObject({ status: 'alert', risk: 'high' });
});
test('hostile text stays text', () => expect(JSON.parse(JSON.stringify(renderOcsf(report(closedCase(HOSTILE, HOSTILE)))))['finding_info']['title']).toContain(HOSTILE));
test('without a principal it says so', () => expect(() => renderOcsf(buildReport({ caseKey: CASE, chain: [], closed: null, seal: null, people }))).toThrow(/does not say yet/));
