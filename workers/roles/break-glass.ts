import { readFileSync } from 'node:fs';
import { awsProvider } from '../../activities/aws';
import { azureProvider } from '../../activities/azure';
import { createAzureAccess, createDirectAzureAccess } from '../../activities/azure/clients';
import { createAwsAccess, createDirectAccess } from '../../activities/aws/clients';
import { fail } from '../../activities/boundary';
import { createActions } from '../../activities/provider';
import { awsAccessKey, azureAppSecret, createVaultActivities, holdsRotatedKey, Kv, storeRotatedKey, VaultClient, withLease } from '../../activities/vault';
import { queues } from '../../playbook/queues';
import { approvalProof, confirmApproval } from '../approval-proof';
import { azureConfig } from '../config/azure';
import type { Config } from '../config/schema';
import { missingSecondFactor } from '../config/passkeys';
import { readSecret } from '../config/secret';
import { awsConfig } from '../config/settings';
import { evidenceStore } from '../evidence';
import { runWorker, type RunningRole } from '../run-worker';
import { createLogger } from '../log';
import { configuredLoan } from '../personal-loan';
import { configuredFactors } from '../second-factor';
import { connectClient } from '../temporal';

/** The only process that reaches the vault: checks out, acts under the lease, returns, rotates; and keeps rotated keys. */
export async function startBreakGlass(config: Config): Promise<RunningRole> {
  const { vault: settings } = config;
  if (!settings) throw fail('INVALID_CONFIG', 'vault: the break-glass worker needs a vault');
  const warning = missingSecondFactor(config);
  if (warning) createLogger('break-glass').warn({}, warning);
  const client = await connectClient(config);
  const proof = approvalProof(client);
  const evidence = evidenceStore(config);
  const aws = awsConfig(config);
  const azure = azureConfig(config);
  const now = () => new Date();
  const vault = new VaultClient({
    address: settings.address, namespace: settings.namespace, ca: settings.caFile ? readFileSync(settings.caFile, 'utf8') : undefined,
    appRole: { roleId: readSecret(settings.roleId), secretId: () => Promise.resolve(readSecret(settings.secretId)) },
  });
  const credentials = new Kv(vault, settings.mount);
  const rotated = new Kv(vault, settings.rotatedMount);
  const keep = { storeRotatedKey: async (key: Parameters<typeof storeRotatedKey>[1]) => void (await storeRotatedKey(rotated, key)), holdsRotatedKey: (key: Parameters<typeof holdsRotatedKey>[1]) => holdsRotatedKey(rotated, key) };
  const awsActions = (settings: NonNullable<typeof aws>) => {
    const own = createAwsAccess(settings, undefined);
    return createActions(awsProvider, {
      evidence, approvals: proof, now,
      withContext: ({ incident, caseKey, lease }, use) => {
        const base = { incident, caseKey, evidence, now, vault: keep };
        if (!lease) return use({ ...base, access: own });
        return withLease(credentials, lease, (secret) => use({ ...base, access: createDirectAccess(settings, { accessKeyId: secret.keyId, secretAccessKey: secret.secret }) }));
      },
    });
  };
  const azureActions = (settings: NonNullable<typeof azure>) => {
    const own = createAzureAccess(settings);
    return createActions(azureProvider, {
      evidence, approvals: proof, now,
      withContext: ({ incident, caseKey, lease }, use) => {
        const base = { incident, caseKey, evidence, now, vault: keep };
        if (!lease) return use({ ...base, access: own });
        return withLease(credentials, lease, (secret) => use({ ...base, access: createDirectAzureAccess(settings, { clientId: secret.owner, secret: secret.secret }) }));
      },
    });
  };
  const activities = {
    ...createVaultActivities({
      vault, mount: settings.mount, confirmApproval: confirmApproval(proof, configuredFactors(config)), confirmLoan: configuredLoan(config, (approval) => proof.resultOf(approval)), boundMs: 240_000,
      providerFor: (_credential, account) => {
        if (azure?.tenants.some((tenant) => tenant.id === account)) return azureAppSecret(azure, account);
        if (!aws) throw fail('INVALID_CONFIG', `azure.tenants: there is no ${account}`);
        return awsAccessKey({ region: aws.globalRegion, endpoint: aws.endpoint ?? undefined });
      },
    }),
    ...(aws ? awsActions(aws) : {}),
    ...(azure ? azureActions(azure) : {}),
  };
  const role = await runWorker(config, { taskQueue: queues.breakGlass, activities });
  void role.ended.finally(() => client.connection.close()).catch(() => undefined);
  return role;
}
