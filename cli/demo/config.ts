import { stringify } from 'yaml';
import type { AwsWorld } from '../../sandbox/aws';
import { azureSection, type AzureHouse } from './azure/house';
import { DANA_USER, EVE_USER, team, type DemoPerson } from './people';

export interface DemoTimes {
  watch: string;
  watchEvery: string;
  lookAgainAfter: string[];
  approvals: string;
}

export interface Places {
  temporal: { address: string; namespace: string; uiUrl: string };
  awsEndpoint: string;
  vault: { address: string; secretIdFile: string };
  slackApi: string;
  tickets: { url: string; user: string };
  evidence: string;
  ports: { intake: number; slack: number; console: number };
  world: AwsWorld;
  emergency: string;
  people: readonly DemoPerson[];
  azure: AzureHouse | null;
  times: DemoTimes;
}

/** The sandbox’s `tourniquet.yaml`: the same file that a user writes, with everything on loopback. */
export function demoConfig(places: Places): string {
  const { world, times, ports } = places;
  const identities: Record<string, string[]> = { ada: [world.ada.arn], dana: [world.dana.arn, DANA_USER], ...(places.azure ? { eve: [places.azure.azure.world.eve.id, EVE_USER] } : {}) };
  const account = (id: string, name: string, management: boolean) => ({
    id, name, management, roleArn: world.responder.roleArns[id], externalId: world.responder.externalId, regions: world.regions,
    ...(management ? {} : { emergencyCredential: places.emergency, emergencyIdentity: world.breakGlass.arn }),
  });
  const leads = 'C0LEADS';
  return stringify({
    organisation: 'Northwind sandbox',
    temporal: { address: places.temporal.address, namespace: places.temporal.namespace, uiUrl: places.temporal.uiUrl },
    encryption: { keys: [{ id: 'demo-1', key: { env: 'TOURNIQUET_ENCRYPTION_KEY' } }] },
    evidence: { kind: 'folder', path: places.evidence },
    intake: { listen: `127.0.0.1:${ports.intake}`, senders: [{ id: 'eventbridge', key: { env: 'EVENTBRIDGE_SENDER_KEY' }, sources: ['cloudtrail', 'guardduty'] }, ...(places.azure ? [{ id: 'eventhub', key: { env: 'EVENTHUB_SENDER_KEY' }, sources: ['entra-signin', 'entra-audit', 'azure-activity'] }] : [])] },
    slack: { botToken: { env: 'SLACK_BOT_TOKEN' }, signingSecret: { env: 'SLACK_SIGNING_SECRET' }, channel: 'C0INCIDENTS', team, listen: `127.0.0.1:${ports.slack}`, apiUrl: places.slackApi },
    console: { listen: `127.0.0.1:${ports.console}`, url: `http://localhost:${ports.console}`, token: { env: 'CONSOLE_TOKEN' }, uiOrigin: places.temporal.uiUrl, codecTokenInPath: true },
    people: places.people.map(({ id, name, email, roles, slack, signingKey }) => ({ id, name, email, roles, slack, signingKeys: [signingKey], identities: identities[id] ?? [] })),
    approvals: {
      approve: { approvers: ['role:security', 'role:manager'], deadline: times.approvals },
      dual: { approvers: ['role:security', 'role:manager'], backup: ['role:ciso'], deadline: times.approvals },
      'break-glass': { approvers: ['role:manager'], backup: ['role:ciso'], deadline: times.approvals },
    },
    contacts: Object.fromEntries(['ciso', 'cloud-team', 'soc-lead', 'cloud-architecture', 'finance', 'legal', 'dpo', 'major-incident'].map((name) => [name, { slack: leads }])),
    aws: {
      endpoint: places.awsEndpoint,
      accounts: [account(world.production.account, world.production.name, false), account(world.management.account, world.management.name, true)],
      protected: [world.responder.baseArn, world.names.websiteBucket],
      budget: { monthlyUsd: 5_000, email: 'finance@example.com' },
      trailBucket: world.names.logBucket,
      // The demo shows one attack; what built its estate is no incident.
      backstop: null,
    },
    ...(places.azure ? { azure: azureSection(places.azure) } : {}),
    passkeys: { key: { env: 'TOURNIQUET_PASSKEY_KEY' } },
    vault: { address: places.vault.address, roleId: { env: 'VAULT_ROLE_ID' }, secretId: { file: places.vault.secretIdFile }, lease: '10m', people: [{ name: 'root-management', what: 'root password of the management account', account: world.management.account, requesters: ['role:security'] }] },
    tickets: { kind: 'servicenow', url: places.tickets.url, user: places.tickets.user, password: { env: 'SERVICENOW_PASSWORD' } },
    registers: {
      knownUses: [{ id: 'quarterly-root-check', principal: `arn:aws:iam::${world.production.account}:root`, events: ['root-login'], from: ['203.0.113.0/24'], owner: 'ada', expires: '2099-12-31T00:00:00Z', document: 'SEC-117 quarterly root check' }],
    },
    jit: { roles: [{ name: 'support', who: ['role:operations'], max: '2h', in: [{ kind: 'aws-identity-center', account: world.production.name, permissionSet: world.identityCenter.permissionSetArn }] }] },
    permissionAudit: { quarantine: '15s' },
    watch: { duration: times.watch, every: times.watchEvery },
    containment: { blastRadius: 60, lookAgainAfter: times.lookAgainAfter },
    humanTasks: { checkEvery: '2s', escalateAfter: '1h' },
  });
}
