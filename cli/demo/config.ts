import { stringify } from 'yaml';
import { people, team } from './people';

export interface Places {
  temporal: { address: string; namespace: string; uiUrl: string };
  awsEndpoint: string;
  vault: { address: string };
  slackApi: string;
  tickets: string;
  evidence: string;
  ports: { intake: number; slack: number; console: number };
  accounts: { id: string; name: string; roleArn: string; externalId: string; regions: string[]; management: boolean; emergencyCredential: string | null }[];
  /** Identities of the sandbox’s people, by person id. */
  identities: Record<string, string[]>;
  protected: string[];
  knownUses: object[];
  automations: string[];
  trailBucket: string | null;
  watch: { duration: string; every: string };
  /** How soon containment is looked at again; the demo’s watch is short, so these are too. */
  lookAgainAfter: string[];
}

/** The sandbox’s `tourniquet.yaml`: the same file a user writes, with everything on loopback. */
export function demoConfig(places: Places): string {
  const channel = 'C0INCIDENTS';
  const group = (who: string) => ({ slack: channel, email: [`${who}@example.com`] });
  return stringify({
    organisation: 'Sandbox Ltd',
    temporal: { address: places.temporal.address, namespace: places.temporal.namespace, uiUrl: places.temporal.uiUrl },
    encryption: { keys: [{ id: 'demo-1', key: { env: 'TOURNIQUET_ENCRYPTION_KEY' } }] },
    evidence: { kind: 'folder', path: places.evidence },
    intake: { listen: `127.0.0.1:${places.ports.intake}`, senders: [{ id: 'eventbridge', key: { env: 'EVENTBRIDGE_SENDER_KEY' }, sources: ['cloudtrail', 'guardduty'] }] },
    slack: { botToken: { env: 'SLACK_BOT_TOKEN' }, signingSecret: { env: 'SLACK_SIGNING_SECRET' }, channel, team, listen: `127.0.0.1:${places.ports.slack}`, apiUrl: places.slackApi },
    console: { listen: `127.0.0.1:${places.ports.console}`, url: `http://127.0.0.1:${places.ports.console}`, token: { env: 'CONSOLE_TOKEN' }, uiOrigin: places.temporal.uiUrl },
    people: people.map((person) => ({
      id: person.id, name: person.name, email: person.email, roles: [person.role], slack: { team, user: person.slackUser }, identities: places.identities[person.id] ?? [],
    })),
    approvals: {
      approve: { approvers: ['role:security'], backup: ['role:manager'] },
      dual: { approvers: ['role:security', 'role:manager'], backup: ['role:ciso'] },
      'break-glass': { approvers: ['role:manager'], backup: ['role:ciso'] },
    },
    contacts: Object.fromEntries(['ciso', 'cloud-team', 'soc-lead', 'cloud-architecture', 'finance', 'legal', 'dpo', 'major-incident', 'on-call'].map((name) => [name, group(name)])),
    aws: {
      endpoint: places.awsEndpoint, accounts: places.accounts, protected: places.protected, budget: { monthlyUsd: 5_000, email: 'finance@example.com' }, trailBucket: places.trailBucket,
    },
    vault: { address: places.vault.address, roleId: { env: 'VAULT_ROLE_ID' }, secretId: { env: 'VAULT_SECRET_ID' }, lease: '10m' },
    tickets: { kind: 'servicenow', url: places.tickets, user: 'tourniquet', password: { env: 'SERVICENOW_PASSWORD' } },
    registers: { knownUses: places.knownUses, authorizedAdmins: [], automations: places.automations },
    watch: places.watch,
    containment: { lookAgainAfter: places.lookAgainAfter },
    humanTasks: { checkEvery: '2s', escalateAfter: '1h' },
  });
}
