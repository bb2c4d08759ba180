import { escalatingActions } from '../../../../playbook/policy-diff';
import { textDetail } from '../../../../playbook/artifacts';
import { defineCheck } from '../check';
import { permissionChanges, permissionPermissions } from '../permission-changes';
import { trail } from '../trail';

/** 1.2.6: what permissions were granted: the difference between before and after of every policy that was written, attached or switched. The things themselves are in 1.3.6. */
export const permissions = defineCheck('1.2.6-permissions-granted', ['cloudtrail:LookupEvents', ...permissionPermissions], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const { changes, failed } = await permissionChanges(ctx, seen);
  const rows = changes.map(({ artifact, diff, before }) => ({
    kind: artifact.kind, id: artifact.id, name: artifact.name, to: textDetail(artifact, 'entity') ?? textDetail(artifact, 'role'), how: artifact.how, attribution: artifact.attribution, before,
    grantsAdmin: artifact.details.grantsAdmin === true, added: diff?.actionsAdded.slice(0, 50) ?? [], removed: diff?.actionsRemoved.slice(0, 50) ?? [],
    principalsAdded: diff?.principalsAdded.slice(0, 20) ?? [], lines: diff?.lines.slice(0, 20) ?? [], escalates: escalatingActions(artifact.details.document ?? null).slice(0, 20),
    events: artifact.events,
  }));
  const admin = rows.filter((row) => row.grantsAdmin && row.how !== 'deleted');
  const shown = rows.slice(0, 5).map((row) => `${row.how} ${row.kind} ${row.name}${row.to ? ` on ${row.to}` : ''}${row.grantsAdmin ? ' (administrator)' : ''}`);
  const unknown = rows.filter((row) => row.before === 'unknown').length;
  return {
    found: rows.length > 0,
    summary: rows.length > 0 ? `${rows.length} permission changes, ${admin.length} of them administrator: ${shown.join(', ')}${rows.length > 5 ? ', …' : ''}` : 'no permission was changed',
    facts: { changes: rows.slice(0, 60), grantsAdmin: admin.length > 0 }, failed: [...seen.failed, ...failed], truncated: seen.truncated,
    notes: unknown > 0 ? [`of ${unknown} the state before is older than the event history`] : [],
    records: seen.events.map((one) => one.record).filter((record) => /^(iam|sso)\./.test(record.eventSource)), raw: rows,
  };
});
