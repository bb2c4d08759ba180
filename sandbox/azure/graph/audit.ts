import type { DirectoryAudit, TargetResource } from '@microsoft/microsoft-graph-types';
import type { Call, Json } from '../protocol/types';
import { newId, type Sim } from '../state/sim';

export type AuditRecord = DirectoryAudit & { tenantId: string };
export type Changed = { displayName: string; oldValue: string | null; newValue: string | null }[];

/** Writes a directory audit record as Entra does. Source: Graph v1.0 directoryAudit; activity names: “Microsoft Entra audit log categories and activities”. */
export function audit(sim: Sim, call: Pick<Call, 'caller'>, activity: string, category: string, targets: TargetResource[], changes: Changed = [], result: 'success' | 'failure' = 'success'): void {
  const { caller } = call;
  const id = `Directory_${newId()}`;
  const record: AuditRecord = {
    id, category, correlationId: newId(), result, resultReason: '', activityDisplayName: activity, activityDateTime: sim.iso(), loggedByService: activity.startsWith('Add eligible') || /PIM/.test(activity) ? 'PIM' : /conditional access|named location/i.test(activity) ? 'Conditional Access' : /security info/i.test(activity) ? 'Authentication Methods' : 'Core Directory',
    operationType: /^Add|^Create/.test(activity) ? 'Add' : /^Delete|^Remove/.test(activity) ? 'Delete' : 'Update', tenantId: sim.tenantId,
    initiatedBy: caller.kind === 'user' ? { app: null, user: { id: caller.id, displayName: null, userPrincipalName: caller.name, ipAddress: caller.ip } } : { user: null, app: { appId: caller.appId, displayName: caller.name, servicePrincipalId: caller.id, servicePrincipalName: null } },
    targetResources: targets.map((target, index) => ({ displayName: null, userPrincipalName: null, groupType: null, ...target, modifiedProperties: index === 0 ? changes : [] })), additionalDetails: [{ key: 'User-Agent', value: caller.userAgent }],
  };
  sim.shelf<AuditRecord>('directoryAudits').put(id, record);
  sim.emit('directoryAudit', record);
}

/** What a record says was changed: values are JSON in text, names start large. */
export function changed(before: object, after: object, names: readonly string[] = Object.keys(after)): Changed {
  const text = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(Array.isArray(value) ? value : [value]));
  return names.filter((name) => !/password/i.test(name) || /PasswordCredentials/.test(name)).map((name) => ({ displayName: name[0]!.toUpperCase() + name.slice(1), oldValue: text((before as Json)[name]), newValue: text((after as Json)[name]) }));
}
