import { randomUUID } from 'node:crypto';
import { mint } from './gateway/auth/credentials';
import { userIdentity } from './gateway/cloudtrail/record';
import type { Recorded, TrailRecord } from './gateway/cloudtrail/record';
import type { Envelope } from './gateway/cloudtrail/stream';
import { age } from './gateway/extra/aged';
import { addAnomaly, addCosts, type Cost } from './gateway/extra/cost-explorer';
import { raiseFinding } from './gateway/extra/guardduty';
import { signIn } from './gateway/extra/sso';
import type { Throttle } from './gateway/throttle';
import { rootOf, type World } from './gateway/world';
import type { Json } from './gateway/protocol/shapes';

export interface Keys { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

export interface ConsoleLogin {
  account: string;
  /** Null = root. */
  user: string | null;
  mfa: boolean;
  ip: string;
  userAgent?: string;
  success?: boolean;
}

/** What only the sandbox can do: things that people do in the console, knobs, and a look behind the calls. */
export interface Control {
  /** A root key of the account, for bootstrapping; not counted as one of root's own access keys. */
  rootKeys(account: string): Keys;
  /** What a root sign-in at the console gives: a session, with or without MFA. */
  rootSession(account: string, mfa: boolean): Keys;
  /** Each management event that EventBridge would deliver, while a trail logs. Returns how to stop listening. */
  eventStream(listener: (envelope: Envelope) => void): () => void;
  /** Everything recorded so far, oldest first, whether delivered or not. */
  records(account?: string): Recorded[];
  recordConsoleLogin(login: ConsoleLogin): Recorded;
  /** A root password change at the console: CloudTrail's `PasswordUpdated`. */
  recordPasswordUpdated(account: string, ip?: string): Recorded;
  /** Root enrols a hardware MFA at the console: the account summary's AccountMFAEnabled turns 1, and CloudTrail shows EnableMFADevice. */
  enableRootMfa(account: string, ip?: string): Recorded;
  /** GuardDuty finds something; kept for ListFindings and returned in its EventBridge envelope. Members as in the API (PascalCase). */
  raiseFinding(account: string, region: string, finding: Json & { Type: string; Severity: number }): Promise<Envelope>;
  addCosts(account: string, costs: Cost[]): void;
  addAnomaly(account: string, anomaly: Parameters<typeof addAnomaly>[2]): void;
  /** A person's role session through Identity Center; throws when no assignment gives it. */
  signIn(who: Parameters<typeof signIn>[2]): Promise<Keys>;
  /** Makes an identity (ARN) or access key (id) as old as if it had been made then. */
  age(account: string, of: string, createdAt: Date): void;
  setLag(ms: number): void;
  setDeliveryLag(ms: number): void;
  setThrottle(throttle: Throttle): void;
  /** Gives the account a support plan that has the Support API. */
  setSupportPlan(account: string, has: boolean): void;
  /** The state itself, for the world builder and the snapshot. */
  world: World;
}

const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36';

export function controlOf(world: World, streams: Set<(envelope: Envelope) => void>): Control {
  const root = (account: string): Json => userIdentity({ kind: 'root', account }, null, world.estate);
  const record = (account: string, resources: Recorded['resources'], detail: Partial<TrailRecord> & Pick<TrailRecord, 'eventName' | 'eventSource' | 'eventType' | 'userIdentity' | 'sourceIPAddress'>): Recorded => {
    const at = world.now();
    const recorded: Recorded = {
      at, account, region: 'us-east-1', resources,
      record: {
        eventVersion: '1.11', eventTime: new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z'), awsRegion: 'us-east-1', userAgent: browser, requestParameters: null, responseElements: null,
        requestID: randomUUID(), eventID: randomUUID(), readOnly: false, managementEvent: true, recipientAccountId: account, eventCategory: 'Management', ...detail,
      },
    };
    world.record(recorded);
    return recorded;
  };
  return {
    world,
    rootKeys: (account) => {
      world.estate.account(account);
      const credential = mint({ kind: 'root', account });
      world.credentials.add(credential);
      return { accessKeyId: credential.accessKeyId, secretAccessKey: credential.secret };
    },
    rootSession: (account, mfa) => {
      const issuedAt = Math.floor(world.now() / 1000) * 1000;
      const credential = mint({ kind: 'root', account }, { issuedAt, expiresAt: issuedAt + 3_600_000, mfa });
      world.credentials.add(credential);
      return { accessKeyId: credential.accessKeyId, secretAccessKey: credential.secret, sessionToken: credential.token! };
    },
    eventStream: (listener) => {
      streams.add(listener);
      return () => void streams.delete(listener);
    },
    records: (account) => world.history.all(account),
    recordConsoleLogin: ({ account, user, mfa, ip, userAgent = browser, success = true }) => {
      const found = user ? world.estate.account(account).users.get(user) : null;
      if (user && !found) throw new Error(`no user ${user} in ${account}`);
      // A failed sign-in of root has no session; its identity is the same (CloudTrail User Guide, "Console sign-in events").
      const identity = found ? userIdentity({ kind: 'user', account, name: found.name, id: found.id }, null, world.estate) : root(account);
      return record(account, [], {
        eventName: 'ConsoleLogin', eventSource: 'signin.amazonaws.com', eventType: 'AwsConsoleSignIn', userIdentity: identity, sourceIPAddress: ip, userAgent,
        responseElements: { ConsoleLogin: success ? 'Success' : 'Failure' },
        ...(success ? {} : { errorMessage: 'Failed authentication' }),
        additionalEventData: { LoginTo: 'https://console.aws.amazon.com/console/home', MobileVersion: 'No', MFAUsed: mfa ? 'Yes' : 'No' },
      });
    },
    recordPasswordUpdated: (account, ip = '203.0.113.10') => {
      rootOf(world, account).password = true;
      return record(account, [], { eventName: 'PasswordUpdated', eventSource: 'signin.amazonaws.com', eventType: 'AwsConsoleSignIn', userIdentity: root(account), sourceIPAddress: ip, responseElements: { PasswordUpdated: 'Success' } });
    },
    enableRootMfa: (account, ip = '203.0.113.10') => {
      const serial = `arn:aws:iam::${account}:u2f/root-account-mfa-device-${randomUUID().slice(0, 8)}`;
      rootOf(world, account).mfa = serial;
      return record(account, [{ ResourceType: 'AWS::IAM::MfaDevice', ResourceName: serial }], { eventName: 'EnableMFADevice', eventSource: 'iam.amazonaws.com', eventType: 'AwsApiCall', userIdentity: root(account), sourceIPAddress: ip, requestParameters: { userName: 'root', serialNumber: serial } });
    },
    raiseFinding: (account, region, finding) => raiseFinding(world, account, region, finding),
    addCosts: (account, costs) => addCosts(world, account, costs),
    addAnomaly: (account, anomaly) => addAnomaly(world, account, anomaly),
    signIn: async (who) => {
      const { accessKeyId, secret, token } = await signIn(world, world.estate.organization.management ?? who.account, who);
      return { accessKeyId, secretAccessKey: secret, sessionToken: token ?? undefined };
    },
    age: (account, of, createdAt) => age(world, account, of, createdAt),
    setLag: (ms) => world.estate.setLag(ms),
    setDeliveryLag: (ms) => { world.history.lagMs = ms; },
    setThrottle: (throttle) => { world.throttler.rates = throttle; },
    setSupportPlan: (account, has) => void (has ? world.supportPlans.add(account) : world.supportPlans.delete(account)),
  };
}
