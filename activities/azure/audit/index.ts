import type { Proposal } from '../../../playbook/model/plan';
import type { Subject } from '../../../playbook/permission-audit/model';
import type { AuditProvider } from '../../audit/provider';
import { fail } from '../../boundary';
import { proposal } from '../contain/targets';
import type { AzureContext } from '../context';
import type { AzureAction } from '../define';
import { classifyAzure } from '../errors';
import { disableUnusedApplication } from './disable-unused-application';
import { listPermissions, listSubjects } from './list';
import { lookAtApp } from './look-app';
import { lookAtUser } from './look-user';
import { removeUnusedApplication } from './remove-unused-application';
import { removeUnusedRoles } from './remove-unused-roles';
import { suspendUnusedRoles } from './suspend-unused-roles';

/** Row audit.4: quarantine, then removal. No narrower role is proposed: no log tells soundly which part of one was used. */
export const azureAuditActions: AzureAction[] = [suspendUnusedRoles, disableUnusedApplication, removeUnusedRoles, removeUnusedApplication];

const lookPermissions = ['User.Read.All', 'Application.Read.All', 'GroupMember.Read.All', 'RoleManagement.Read.Directory', 'AuditLog.Read.All', 'Directory.Read.All', 'Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleDefinitions/read', 'Microsoft.Insights/eventtypes/values/read'] as const;

const lookAt = (ctx: AzureContext, subject: Subject, window: { from: Date; to: Date }) => (subject.kind === 'service-principal' ? lookAtApp(ctx, subject, window) : lookAtUser(ctx, subject, window));

export const azureAudit: AuditProvider<AzureContext> = {
  id: 'azure',
  actions: azureAuditActions,
  permissions: [...new Set([...listPermissions, ...lookPermissions])],
  list: listSubjects,
  look: lookAt,
  propose(subject, kind, windowMs, because): Proposal[] {
    const { provider, account, id, name } = subject;
    if (kind === 'narrowing') throw fail('NOT_SUPPORTED', 'no log of Azure or Entra tells which part of a role was used');
    const target = { provider, account, region: null, kind: subject.kind, id, name };
    if (subject.kind === 'service-principal') return (['azure.disable-unused-application', 'azure.remove-unused-application'] as const).map((action) => proposal(action, target, because, { windowMs }));
    return (['azure.suspend-unused-roles', 'azure.remove-unused-roles'] as const).map((action) => proposal(action, target, because, { windowMs }));
  },
  classify: classifyAzure,
};
