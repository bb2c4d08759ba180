import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { canonicalJson } from '../../../playbook/json';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { polling } from './arm';

/** What a setting keeps and where; the members that this action compares and writes. */
interface Setting {
  logs: { category?: string; categoryGroup?: string; enabled: boolean }[];
  storageAccountId: string | null;
  workspaceId: string | null;
  eventHubAuthorizationRuleId: string | null;
  eventHubName: string | null;
}

const PERMISSIONS = [
  'Microsoft.Insights/diagnosticSettings/read', 'Microsoft.Insights/diagnosticSettings/write', 'microsoft.aadiam/diagnosticSettings/read', 'microsoft.aadiam/diagnosticSettings/write', 'Microsoft.Storage/storageAccounts/listKeys/action', 'Microsoft.OperationalInsights/workspaces/sharedKeys/action', 'Microsoft.EventHub/namespaces/authorizationRules/listKeys/action',
];

/**
 * Row 2.1.5. Target: a diagnostic setting, `<resource or subscription>/providers/Microsoft.Insights/diagnosticSettings/<name>`; `params.wanted`: how it was, as the record before the
 * change shows it. What is not known is every log, to the configured destination. Entra’s own settings are `/providers/microsoft.aadiam/diagnosticSettings/<name>`: they need a role
 * at the tenant’s root, without which Azure refuses them and a person does it. Read and written by id, because the library’s own client knows no category groups (arm-monitor 7).
 */
export const restoreDiagnostics = guardedAzureAction('azure.restore-diagnostics', {
  permissions: PERMISSIONS,
  async plan(ctx, { target, params }) {
    const current = await read(ctx, target);
    const wanted = wantedOf(ctx, target, params.wanted, current);
    const needed = !covers(current, wanted);
    return {
      needed, before: { setting: current as unknown as JsonObject | null }, params: { ...params, wanted: wanted as unknown as JsonObject },
      change: needed ? [`write diagnostic setting ${target.name}: ${wanted.logs.map((log) => log.category ?? log.categoryGroup).join(', ')} to ${destinations(wanted).join(', ')}`] : [],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const wanted = step.params.wanted as unknown as Setting;
    if (covers(await read(ctx, step.target), wanted)) return { already: true };
    const { id, version, client } = placeOf(ctx, step.target);
    const properties = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null));
    await client.beginCreateOrUpdateByIdAndWait(id, version, { properties }, polling);
    return { written: step.target.name };
  },
  async verify(ctx, step): Promise<Verified> {
    const current = await read(ctx, step.target);
    return { holds: covers(current, step.params.wanted as unknown as Setting), seen: { setting: current as unknown as JsonObject | null } };
  },
  undo: async (_ctx: AzureContext, { target }: Step) => ({ seen: {}, left: [`diagnostic setting ${target.name} stays on: take it away by hand if it is not wanted`] }),
});

interface Place {
  id: string;
  version: string;
  client: ReturnType<AzureContext['access']['arm']>['resources']['resources'];
}

/** Throws INVALID_INPUT for what is no diagnostic setting. */
function placeOf(ctx: AzureContext, target: Target): Place {
  const entra = isEntra(target);
  const subscription = entra ? ctx.access.subscriptions(target.account)[0] : /^\/subscriptions\/([0-9a-f-]{36})(?:\/[^?#%\\]{1,800})?\/providers\/microsoft\.insights\/diagnosticSettings\/[^/?#%\\]{1,260}$/i.exec(target.id)?.[1];
  if (!subscription) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is no diagnostic setting`);
  return { id: target.id, version: entra ? '2017-04-01' : '2021-05-01-preview', client: ctx.access.arm(target.account, subscription).resources.resources };
}

const isEntra = (target: Target): boolean => /^\/providers\/microsoft\.aadiam\/diagnosticSettings\/[^/?#%\\]{1,260}$/i.test(target.id);

async function read(ctx: AzureContext, target: Target): Promise<Setting | null> {
  const { id, version, client } = placeOf(ctx, target);
  const found = await orNull(client.getById(id, version));
  return found ? settingOf((found.properties ?? {}) as Partial<Setting>) : null;
}

const settingOf = (found: Partial<Setting>): Setting => ({
  logs: (found.logs ?? []).map((log) => ({ ...(log.category ? { category: log.category } : {}), ...(log.categoryGroup ? { categoryGroup: log.categoryGroup } : {}), enabled: log.enabled })),
  storageAccountId: found.storageAccountId ?? null, workspaceId: found.workspaceId ?? null, eventHubAuthorizationRuleId: found.eventHubAuthorizationRuleId ?? null, eventHubName: found.eventHubName ?? null,
});

const destinations = (setting: Setting): string[] => [setting.storageAccountId, setting.workspaceId, setting.eventHubAuthorizationRuleId].flatMap((one) => one ?? []);

function wantedOf(ctx: AzureContext, target: Target, given: unknown, current: Setting | null): Setting {
  const known = typeof given === 'object' && given !== null ? (given as Partial<Setting>) : null;
  const { storageAccountId, workspaceId } = ctx.access.config.logDestination;
  // A destination that is there still is kept; one that the attacker may have chosen is not, when the record says what was before.
  const base = known ?? current;
  const wanted: Setting = {
    logs: known?.logs?.filter((log) => log.enabled) ?? [], storageAccountId: base?.storageAccountId ?? null, workspaceId: base?.workspaceId ?? null,
    eventHubAuthorizationRuleId: base?.eventHubAuthorizationRuleId ?? null, eventHubName: base?.eventHubName ?? null,
  };
  if (wanted.logs.length === 0) wanted.logs = allLogs(target);
  if (destinations(wanted).length === 0) Object.assign(wanted, { storageAccountId, workspaceId });
  if (destinations(wanted).length === 0) throw fail('INVALID_CONFIG', `where ${target.name} wrote to is not known: name azure.logDestination`);
  return wanted;
}

/** Category groups do not exist for subscriptions and for Entra (Azure Monitor: “Activity log event categories”; Entra: “Log options for diagnostic settings”). */
function allLogs(target: Target): Setting['logs'] {
  const each = (names: string): Setting['logs'] => names.split(' ').map((category) => ({ category, enabled: true }));
  if (isEntra(target)) return each('AuditLogs SignInLogs NonInteractiveUserSignInLogs ServicePrincipalSignInLogs ManagedIdentitySignInLogs ProvisioningLogs RiskyUsers UserRiskEvents');
  return /^\/subscriptions\/[^/]+\/providers\/microsoft\.insights\//i.test(target.id) ? each('Administrative Security ServiceHealth Alert Recommendation Policy Autoscale ResourceHealth') : [{ categoryGroup: 'allLogs', enabled: true }];
}

/** Everything that is wanted is kept and goes where it should; more than that is nobody’s loss. */
function covers(current: Setting | null, wanted: Setting): boolean {
  if (!current) return false;
  const on = new Set(current.logs.filter((log) => log.enabled).map((log) => canonicalJson([log.category ?? null, log.categoryGroup ?? null])));
  return wanted.logs.every((log) => on.has(canonicalJson([log.category ?? null, log.categoryGroup ?? null])) || on.has(canonicalJson([null, 'allLogs']))) &&
    (['storageAccountId', 'workspaceId', 'eventHubAuthorizationRuleId'] as const).every((member) => wanted[member] === null || current[member]?.toLowerCase() === wanted[member]?.toLowerCase());
}
