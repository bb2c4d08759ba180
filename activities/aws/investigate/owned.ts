import { items, object, text, type Actor, type TrailRecord } from './record';

/** Credentials that only the attacker has: each with the time (epoch ms) from which, and the sentence that says why. */
export interface Owned {
  keys: Map<string, Since>;
  /** User ARNs, lower case. */
  users: Map<string, Since>;
  /** Role ARNs, lower case: every session of a role that the attacker made. */
  roles: Map<string, Since>;
  /** `<role ARN>|<session name>`, lower-case ARN. */
  sessions: Map<string, Since>;
}

export interface Since {
  at: number;
  why: string;
  /** In whose trail its events are. */
  account: string;
  /** As CloudTrail looks it up, in its own case: user name (of a key: its user's), role ARN. */
  name?: string;
}

export function emptyOwned(): Owned {
  return { keys: new Map(), users: new Map(), roles: new Map(), sessions: new Map() };
}

/** The sentence that says why the actor is the attacker, or null. A thing counts from when it was made: an older namesake is not it. */
export function ownsActor(owned: Owned, actor: Actor, at: number): string | null {
  const found = [
    actor.key === null ? undefined : owned.keys.get(actor.key),
    actor.user === null ? undefined : owned.users.get(actor.user),
    actor.role === null ? undefined : owned.roles.get(actor.role),
    actor.role === null || actor.session === null ? undefined : owned.sessions.get(`${actor.role}|${actor.session}`),
  ].find((one) => one !== undefined && at >= one.at);
  return found?.why ?? null;
}

/** Adds the credentials that an attributed, successful event made (responses as in the CloudTrail records of IAM, STS, EC2 and Lambda). */
export function addMade(owned: Owned, record: TrailRecord, at: number): void {
  const { eventName, eventID, request, response } = record;
  let account = record.account;
  const add = (map: Map<string, Since>, id: string | null | undefined, what: string, name?: string | null): void => {
    if (!id) return;
    const known = map.get(id);
    if (!known || at < known.at) map.set(id, { at, account, why: `${what} (event ${eventID})`, ...(name ? { name } : {}) });
  };
  const tokenOf = (name: string): void => {
    // Without the response (an account’s own view of a foreign caller) the session’s name is what is left.
    const key = text(object(response, 'credentials'), 'accessKeyId');
    account = /^arn:[^:]*:iam::(\d{12}):/.exec(text(request, 'roleArn') ?? text(request, 'targetPrincipal') ?? '')?.[1] ?? account;
    if (key) return add(owned.keys, key, `a session that the attacker opened with ${name}`);
    const role = text(request, 'roleArn');
    const session = text(request, 'roleSessionName');
    if (role && session) add(owned.sessions, `${role.toLowerCase()}|${session}`, `a session that the attacker opened with ${name}`);
  };
  switch (eventName) {
    case 'CreateAccessKey':
      return add(owned.keys, text(object(response, 'accessKey'), 'accessKeyId'), 'an access key that the attacker made', text(object(response, 'accessKey'), 'userName'));
    case 'CreateUser':
      return add(owned.users, text(object(response, 'user'), 'arn')?.toLowerCase(), 'a user that the attacker made', text(object(response, 'user'), 'userName'));
    case 'CreateRole':
      return add(owned.roles, text(object(response, 'role'), 'arn')?.toLowerCase(), 'a role that the attacker made', text(object(response, 'role'), 'arn'));
    case 'AssumeRole':
    case 'AssumeRoleWithSAML':
    case 'AssumeRoleWithWebIdentity':
    case 'AssumeRoot':
    case 'GetSessionToken':
    case 'GetFederationToken':
      return tokenOf(eventName);
    case 'RunInstances': {
      const role = roleOfProfile(record);
      for (const instance of items(response, 'instancesSet')) {
        const id = text(instance, 'instanceId');
        if (id && role) add(owned.sessions, `${role}|${id}`, 'the role of an instance that the attacker started');
      }
      return;
    }
    case 'CreateFunction20150331': {
      const role = text(response, 'role') ?? text(request, 'role');
      const name = text(response, 'functionName') ?? text(request, 'functionName');
      if (role && name) add(owned.sessions, `${role.toLowerCase()}|${name}`, 'the role of a function that the attacker made');
      return;
    }
  }
}

/** An instance profile is named like its role where the console made it; a profile named otherwise is not followed. */
function roleOfProfile({ request, response, account }: TrailRecord): string | null {
  const asked = object(request, 'iamInstanceProfile');
  const given = object(items(response, 'instancesSet')[0] ?? {}, 'iamInstanceProfile');
  const arn = text(given, 'arn') ?? text(asked, 'arn');
  if (arn?.includes(':instance-profile/')) return arn.replace(':instance-profile/', ':role/').toLowerCase();
  const name = text(asked, 'name');
  return name ? `arn:aws:iam::${account}:role/${name}`.toLowerCase() : null;
}
