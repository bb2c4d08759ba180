import type { Client } from '@temporalio/client';
import type { Alert } from '../playbook/model/alert';
import type { Reason } from '../playbook/model/verdict';
import { ROLE_SESSION_NAME } from '../activities/aws/clients';
import type { Config } from './config/schema';

const SLACK_MS = 60_000;

/**
 * Tells Tourniquet's own calls from everybody else's. The responder role counts only under our session name;
 * the emergency identity only while a break-glass workflow was open: without a lease its use is an alert like any other.
 */
export function ownDoing(config: Config, client: Client): (alert: Alert) => Promise<Reason | null> {
  const tenants = config.azure?.tenants ?? [];
  const accounts = config.aws?.accounts ?? [];
  const responders = new Set(accounts.map((account) => account.roleArn.toLowerCase()));
  const applications = new Set(tenants.flatMap((tenant) => tenant.servicePrincipalId ?? []));
  const emergencies = new Set([
    ...accounts.flatMap((account) => (account.emergencyIdentity ? [account.emergencyIdentity.toLowerCase()] : [])), ...tenants.flatMap((tenant) => tenant.emergencyIdentities.map((one) => one.toLowerCase())),
  ]);
  return async (alert) => {
    const id = alert.principal?.id.toLowerCase() ?? '';
    if (responders.has(id) && alert.session?.name === ROLE_SESSION_NAME) return { code: 'tourniquet-itself', text: 'Tourniquet’s own responder did this', source: 'config:aws.accounts' };
    // By object id, which nobody else can have: a name can be taken, and its application id is no secret.
    if (alert.provider === 'azure' && applications.has(id)) return { code: 'tourniquet-itself', text: 'Tourniquet’s own application did this', source: 'config:azure.tenants' };
    if (!emergencies.has(id)) return null;
    return (await breakGlassWasOpen(client, alert.time)) ? { code: 'break-glass-lease', text: 'the emergency credential was out on an approved lease', source: 'temporal:breakGlass' } : null;
  };
}

async function breakGlassWasOpen(client: Client, time: string): Promise<boolean> {
  const at = Date.parse(time);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const query = `WorkflowType = 'breakGlass' AND StartTime < '${iso(at + SLACK_MS)}' AND (ExecutionStatus = 'Running' OR CloseTime > '${iso(at - SLACK_MS)}')`;
  for await (const _one of client.workflow.list({ query, pageSize: 1 })) return true;
  return false;
}
