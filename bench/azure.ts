import type { DirectoryAudit } from '@microsoft/microsoft-graph-types';
import { randomUUID } from 'node:crypto';
import { identityProtection } from '../intake/identity-protection';
import { Agent, stateOf, type AzureLive } from '../sandbox/azure';
import { hostile } from '../sandbox/azure/attacker';
import { makeOwner } from '../sandbox/azure/attacker/steps';
import { momentOf, victimOf, type BenchCloud, type Victim } from './cloud';
import type { BenchHouse } from './house';

const probe = { on: 'graph', method: 'GET', path: '/users' } as const;

/** A fresh owner of a subscription with a password; the attacker is signed in with it and has made one real call, and Identity Protection finds it grave. */
export function azureCloud({ azure: { azure } }: BenchHouse): BenchCloud<Victim & { id: string; live: AzureLive[] }> {
  const { dana, domain, estate } = azure.world;
  const admin = new Agent(azure, { kind: 'password', upn: dana.upn, password: dana.password, mfa: true }, { sourceIp: '203.0.113.10', userAgent: 'bench' });
  return {
    id: 'azure', title: 'Containment of one stolen sign-in', actions: ['azure.disable-user', 'azure.reset-password', 'azure.remove-azure-roles', 'azure.revoke-sessions'],
    async makeVictim(name) {
      const [upn, password] = [`${name}@${domain}`, `Long-enough-${randomUUID()}`];
      const { id } = await admin.graph<{ id: string }>('POST', '/users', { displayName: name, mailNickname: name, userPrincipalName: upn, accountEnabled: true, passwordProfile: { password, forceChangePasswordNextSignIn: false } });
      await makeOwner(admin, estate.production, id, 'User');
      const credential = { kind: 'password', upn, password, mfa: true } as const;
      const attacker = new Agent(azure, credential);
      await attacker.graph('GET', '/users');
      const live: AzureLive[] = [
        { what: 'the password', credential, probe }, { what: 'the session', credential: { kind: 'session', refreshToken: attacker.refreshToken! }, probe },
        { what: 'the running token', credential: { kind: 'token', graph: await attacker.token('graph'), arm: await attacker.token('arm') }, probe },
      ];
      attacker.close();
      const [parsed] = identityProtection.parse(riskDetection(azure.tenantId, id, upn));
      return { ...victimOf(parsed), id, live };
    },
    // Without lag, who is disabled has no new token and no running one (continuous access evaluation).
    denied: ({ id }) => momentOf(id, (seen) => azure.sim.onRecord((kind, record) => {
      const { activityDisplayName, result, targetResources } = record as DirectoryAudit;
      if (kind === 'directoryAudit' && activityDisplayName === 'Disable account' && result === 'success' && targetResources?.[0]?.id === id) seen();
    })),
    async assertLockedOut({ live }) {
      for (const one of live) if ((await stateOf(azure, one)) === 'alive') throw new Error(`${one.what} still works: nothing was contained`);
    },
    close: () => admin.close(),
  };
}

/** Source: Microsoft Graph v1.0, riskDetection resource. */
function riskDetection(tenantId: string, userId: string, userPrincipalName: string): object {
  const at = new Date().toISOString();
  return {
    id: randomUUID(), tenantId, requestId: randomUUID(), correlationId: randomUUID(), riskEventType: 'anomalousToken', riskState: 'atRisk', riskLevel: 'high', riskDetail: 'none', source: 'IdentityProtection',
    detectionTimingType: 'realtime', activity: 'signin', tokenIssuerType: 'AzureAD', ipAddress: hostile.sourceIp, activityDateTime: at, detectedDateTime: at, lastUpdatedDateTime: at, userId, userDisplayName: userPrincipalName, userPrincipalName, additionalInfo: '[]',
  };
}
