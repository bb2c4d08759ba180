import type { Proposal } from '../../../playbook/model/plan';
import type { AuditProvider } from '../../audit/provider';
import type { AwsContext } from '../context';
import { proposal } from '../contain/targets';
import type { AwsAction } from '../define';
import { classifyAws } from '../errors';
import { deactivateUnusedKey } from './deactivate-unused-key';
import { listPermissions, listSubjects } from './list';
import { brief, lookAt, lookPermissions } from './look';
import { narrowPolicy } from './narrow-policy';
import { quarantineUnused } from './quarantine-unused';
import { removeUnused } from './remove-unused';
import { removeUnusedKey } from './remove-unused-key';

/** Row audit.4: quarantine, removal, and a narrower policy. */
export const auditActions: AwsAction[] = [quarantineUnused, deactivateUnusedKey, narrowPolicy, removeUnused, removeUnusedKey];

export const awsAudit: AuditProvider<AwsContext> = {
  id: 'aws',
  actions: auditActions,
  permissions: [...listPermissions, ...lookPermissions],
  list: listSubjects,
  look: async (ctx, subject, window) => brief(await lookAt(ctx, subject, window)),
  propose(subject, kind, windowMs, because): Proposal[] {
    const { provider, account, id, name } = subject;
    const target = { provider, account, region: null, kind: subject.kind, id, name };
    if (kind === 'narrowing') return [proposal('aws.narrow-policy', target, because, { windowMs })];
    if (subject.kind === 'access-key') return (['aws.deactivate-unused-key', 'aws.remove-unused-key'] as const).map((action) => proposal(action, target, because, { windowMs, user: subject.of ?? '' }));
    return (['aws.quarantine-unused', 'aws.remove-unused'] as const).map((action) => proposal(action, target, because, { windowMs }));
  },
  classify: classifyAws,
};
