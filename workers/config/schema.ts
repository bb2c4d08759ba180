import { z } from 'zod';
import { auditSchema } from './audit-schema';
import { azureSchema } from './azure-schema';
import { duration } from './duration';
import { intakeTransports } from './intake-schema';
import { jitSchema } from './jit-schema';
import { oidcSchema } from './oidc';
import { secretRef } from './secret';
import { ed25519Of } from './signing-key';

const accountId = z.string().regex(/^\d{12}$/, 'an AWS account id has 12 digits (quote it)');
const strings = z.array(z.string().min(1)).default([]);
const isoTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'an ISO 8601 time');

const person = z.strictObject({
  id: z.string().regex(/^[a-z0-9._-]+$/, 'lower-case letters, digits, dot, dash'),
  name: z.string().min(1),
  email: z.email(),
  slack: z.strictObject({ team: z.string(), user: z.string() }).nullable().default(null).describe('Slack workspace and member id'),
  identities: strings.describe('IAM ARNs, Identity Center user names, Entra object ids that are this person'),
  roles: strings.describe('used by approvers: manager, security, …'),
  manager: z.string().min(1).nullable().default(null).describe('person id; the permission audit asks them when this person may not decide, is gone, or does not answer'),
  active: z.boolean().default(true),
  pagerDuty: z.string().min(1).nullable().default(null).describe('PagerDuty user id, for the on-call rota'),
  oidc: z.string().min(1).nullable().default(null).describe('this person’s `oidc.claim` at the identity provider, for votes after a sign-in'),
  signingKeys: z.array(z.string().refine((line) => ed25519Of(line) !== null, 'an OpenSSH public key line: ssh-ed25519 AAAA…')).default([]).describe('OpenSSH public keys (ssh-ed25519) with which this person signs on the command line: votes, and what they ask for'),
});

const tier = (quorum: number, deadline: string, remind: string, backup: string) =>
  z.strictObject({
    approvers: z.array(z.string().min(1)).min(1).describe('person ids, or `role:<role>`'),
    backup: strings.describe('asked too after `backupAfter`'),
    quorum: z.int().min(1).max(5).default(quorum),
    deadline: duration.prefault(deadline),
    remindEvery: duration.prefault(remind),
    backupAfter: duration.prefault(backup),
  });

const contact = z.strictObject({
  slack: z.string().optional().describe('channel id'),
  email: z.array(z.email()).default([]),
  pagerduty: secretRef.optional().describe('Events v2 routing key'),
  webhook: z.strictObject({ url: z.url(), secret: secretRef }).optional(),
});

const aws = z.strictObject({
  endpoint: z.url().nullable().default(null).describe('null = AWS itself'),
  globalRegion: z.string().default('us-east-1'),
  accounts: z
    .array(
      z.strictObject({
        id: accountId,
        name: z.string().min(1),
        roleArn: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+/, 'the responder role’s ARN'),
        externalId: z.string().nullable().default(null),
        regions: z.array(z.string().min(1)).min(1),
        management: z.boolean().default(false),
        emergencyCredential: z.string().nullable().default(null).describe('its name in the vault'),
        emergencyIdentity: z.string().nullable().default(null).describe('ARN of the user whose key that is; its use without a lease is an alert'),
      }),
    )
    .min(1),
  protected: strings.describe('ARNs, names or key ids that no action may touch'),
  budget: z.strictObject({ monthlyUsd: z.number().positive(), email: z.email() }),
  trailBucket: z.string().nullable().default(null),
  organizations: z.array(z.string().regex(/^o-[a-z0-9]{10,32}$/, 'an organisation id: o- and 10 to 32 letters or digits')).default([]).describe('our own: a policy that lets them in lets in nobody new'),
  backstop: z.strictObject({ every: duration.prefault('5m') }).nullable().prefault({}).describe('reads CloudTrail’s event history in every configured region and watches trails, detectors and senders; null = off'),
});

const registers = z.strictObject({
  knownUses: z.array(z.strictObject({ id: z.string(), principal: z.string(), events: z.array(z.string()).min(1), from: strings, owner: z.string(), expires: isoTime, document: z.string() })).default([]),
  rotations: z.array(z.strictObject({ principal: z.string(), by: z.array(z.string()).min(1), window: z.strictObject({ from: isoTime, until: isoTime }).nullable().default(null) })).default([]),
  authorizedAdmins: strings,
  automations: strings,
});

const tickets = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('servicenow'), url: z.url(), user: z.string().optional(), password: secretRef.optional(), token: secretRef.optional(),
    fields: z.record(z.string(), z.string()).default({}).describe('our field -> ServiceNow field'),
  }),
]);

/** `tourniquet.yaml`, whole. */
export const configSchema = z.strictObject({
  organisation: z.string().min(1),
  temporal: z.strictObject({
    address: z.string().default('127.0.0.1:7233'),
    namespace: z.string().default('default'),
    apiKey: secretRef.optional(),
    tls: z.strictObject({ serverName: z.string().optional(), ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() }).optional(),
    uiUrl: z.url().nullable().default(null),
  }),
  encryption: z.strictObject({
    /** The first encrypts; all decrypt. */
    keys: z.array(z.strictObject({ id: z.string().min(1), key: secretRef.describe('32 bytes, base64') })).min(1),
  }),
  evidence: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('folder'), path: z.string().min(1), signingKey: secretRef.optional() }),
    z.strictObject({
      kind: z.literal('s3'), bucket: z.string().min(3), region: z.string(), prefix: z.string().default('tourniquet/'), endpoint: z.url().nullable().default(null),
      objectLock: z.strictObject({ mode: z.enum(['GOVERNANCE', 'COMPLIANCE']), days: z.int().positive() }).optional(), signingKey: secretRef.optional(),
    }),
  ]),
  intake: z.strictObject({
    listen: z.string().default('127.0.0.1:8420'),
    senders: z.array(z.strictObject({ id: z.string().min(1), key: secretRef, sources: strings, keyInPath: z.boolean().default(false).describe('also take the key as the last part of the address, from a sender that can set no header') })).min(1),
    maxBytes: z.int().positive().default(5_000_000),
    ...intakeTransports,
  }),
  slack: z
    .strictObject({
      botToken: secretRef, signingSecret: secretRef, channel: z.string(), listen: z.string().default('127.0.0.1:8421'),
      team: z.string(), apiUrl: z.url().nullable().default(null), appToken: secretRef.optional().describe('Socket Mode'),
    })
    .nullable()
    .default(null),
  smtp: z.strictObject({ url: secretRef.describe('smtps://user:password@host'), from: z.email() }).nullable().default(null),
  console: z.strictObject({ listen: z.string().default('127.0.0.1:8422'), url: z.url().nullable().default(null), token: secretRef, uiOrigin: z.url().nullable().default(null), codecTokenInPath: z.boolean().default(false).describe('for a Temporal UI that cannot send a token; loopback only') }).nullable().default(null),
  oidc: oidcSchema.nullable().default(null),
  people: z.array(person).min(1),
  onCall: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('file'), path: z.string().min(1).describe('YAML: a list of {person, from, until}') }),
      z.strictObject({ kind: z.literal('pagerduty'), token: secretRef.describe('a read-only REST API key'), url: z.url().nullable().default(null), schedules: strings, escalationPolicies: strings })
        .refine((rota) => rota.schedules.length + rota.escalationPolicies.length > 0, 'name a schedule or an escalation policy: all of PagerDuty is too wide'),
    ])
    .nullable()
    .default(null)
    .describe('who has the role `on-call` now'),
  approvals: z.strictObject({
    approve: tier(1, '30m', '10m', '10m'),
    dual: tier(2, '4h', '30m', '1h'),
    'break-glass': tier(1, '1h', '10m', '15m').extend({
      secondFactor: z.boolean().nullable().default(null).describe('a passkey confirms each yes; null = wherever console.url can carry passkeys'),
      bypass: z
        .strictObject({ who: z.array(z.string().min(1)).min(1).describe('person ids, or `role:<role>`'), after: duration.prefault('15m'), lease: duration.prefault('10m') })
        .nullable()
        .default(null)
        .describe('null = never. Else these people may use a credential for people when nobody answers, with their own passkey; everybody is told, and it is reviewed'),
    }),
  }),
  contacts: z.record(z.string(), contact).describe('ciso, cloud-team, soc-lead, cloud-architecture, finance, legal, dpo, major-incident, on-call'),
  aws: aws.nullable().default(null).describe('at least one of aws and azure'),
  azure: azureSchema.nullable().default(null),
  vault: z
    .strictObject({ address: z.url(), roleId: secretRef, secretId: secretRef, namespace: z.string().optional(), caFile: z.string().optional(), mount: z.string().default('break-glass'), rotatedMount: z.string().default('rotated'), lease: duration.prefault('30m'),
      people: z
        .array(z.strictObject({ name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,50}$/).describe('its name in the vault, under people/'), what: z.string().min(1).describe('for people: “root password of the management account”'), account: accountId, requesters: z.array(z.string().min(1)).min(1).describe('person ids, or `role:<role>`') }))
        .default([])
        .describe('what only people can use: root passwords'),
    })
    .nullable()
    .default(null),
  passkeys: z
    .strictObject({
      key: secretRef.optional().describe('32 bytes, base64: seals the register of passkeys; for the console, the break-glass worker and `tourniquet passkey` only. Without one it is derived from the encryption keys, which every role holds'),
      folder: z.string().min(1).optional().describe('where the register is kept; left out, beside the evidence'),
      rpId: z.string().min(1).optional().describe('relying party: the host name of console.url, or a parent domain of it'),
      backedUp: z.enum(['refuse', 'allow']).default('refuse').describe('passkeys that their maker syncs to other devices'),
    })
    .prefault({}),
  tickets: tickets.default({ kind: 'none' }),
  registers: registers.prefault({}),
  jit: jitSchema.prefault({}),
  permissionAudit: auditSchema.prefault({}),
  watch: z.strictObject({ duration: duration.prefault('72h'), every: duration.prefault('15m') }).prefault({}),
  containment: z.strictObject({ blastRadius: z.int().positive().default(25), lookAgainAfter: z.array(duration).prefault(['5s', '30s', '5m', '15m']) }).prefault({}),
  humanTasks: z.strictObject({ checkEvery: duration.prefault('10m'), escalateAfter: duration.prefault('4h') }).prefault({}),
  campaign: z.strictObject({ accounts: z.int().min(2).default(2), window: duration.prefault('24h') }).prefault({}),
});

export type Config = z.infer<typeof configSchema>;
