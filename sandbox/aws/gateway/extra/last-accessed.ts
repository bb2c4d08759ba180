import { randomUUID } from 'node:crypto';
import { Fault } from '../protocol/faults';
import { serviceNames } from '../protocol/services';
import { textOf, type Json } from '../protocol/shapes';
import type { World } from '../world';
import type { Handlers } from './types';

interface Job { arn: string; at: number; granularity: string }

/** Service last accessed, from the recorded calls (IAM User Guide, "Refine permissions using last accessed information"): denied attempts count as well. */
export const lastAccessed: Handlers = {
  GenerateServiceLastAccessedDetails: ({ call, world, caller }) => {
    const arn = textOf(call.input, 'Arn') ?? '';
    const iam = world.estate.account(caller.account);
    const known = [...iam.users.values(), ...iam.roles.values(), ...iam.groups.values()].some((one) => one.arn === arn) || iam.policies.has(arn) || arn.startsWith('arn:aws:iam::aws:policy/');
    if (!known) throw new Fault('NoSuchEntity', `ARN ${arn} not found`, 404);
    const id = randomUUID();
    world.shelf('last-accessed', caller.account, () => new Map<string, Job>()).set(id, { arn, at: world.now(), granularity: textOf(call.input, 'Granularity') ?? 'SERVICE_LEVEL' });
    return { JobId: id };
  },
  GetServiceLastAccessedDetails: async ({ call, world, caller }) => {
    const job = world.shelf('last-accessed', caller.account, () => new Map<string, Job>()).get(String(call.input.JobId));
    if (!job) throw new Fault('NoSuchEntity', 'The job cannot be found.', 404);
    const calls = world.history.all(caller.account).filter(({ record, at }) => at <= job.at && issuerOf(record.userIdentity) === job.arn);
    const services = await allowedServices(job.arn, caller.account, world);
    const details = services.map((service): Json => {
      const mine = calls.filter(({ record }) => record.eventSource.split('.')[0] === service);
      const last = mine.at(-1);
      const actions = new Map<string, (typeof mine)[number]>();
      for (const one of mine) actions.set(one.record.eventName.replace(/\d{8}(v\d+)?$/, ''), one);
      return {
        ServiceName: service, ServiceNamespace: service, TotalAuthenticatedEntities: last ? 1 : 0,
        ...(last ? { LastAuthenticated: new Date(last.at), LastAuthenticatedEntity: job.arn, LastAuthenticatedRegion: last.region } : {}),
        ...(job.granularity === 'ACTION_LEVEL' ? { TrackedActionsLastAccessed: [...actions].map(([ActionName, one]) => ({ ActionName, LastAccessedEntity: job.arn, LastAccessedTime: new Date(one.at), LastAccessedRegion: one.region })) } : {}),
      };
    });
    return { JobStatus: 'COMPLETED', JobType: job.granularity, JobCreationDate: new Date(job.at), JobCompletionDate: new Date(job.at), ServicesLastAccessed: details, IsTruncated: false };
  },
};

/** The user or role behind a record. */
export function issuerOf(identity: Json): string | undefined {
  const issuer = (identity.sessionContext as { sessionIssuer?: { arn?: string } } | undefined)?.sessionIssuer?.arn;
  return issuer ?? (typeof identity.arn === 'string' ? identity.arn : undefined);
}

/** The services that the entity's policies allow anything in. */
async function allowedServices(arn: string, account: string, world: World): Promise<string[]> {
  const iam = world.estate.account(account);
  const entity = [...iam.users.values(), ...iam.roles.values(), ...iam.groups.values()].find((one) => one.arn === arn);
  const groups = entity && 'groups' in entity ? [...(entity.groups as Set<string>)].map((name) => iam.groups.get(name)) : [];
  const holders = [entity, ...groups].filter((one) => one !== undefined);
  const documents = [...holders.flatMap((one) => [...one.inline.values()]), ...(await Promise.all([...new Set(holders.flatMap((one) => [...one.attached])), ...(entity ? [] : [arn])].map((one) => world.managed(one, account))))];
  const found = new Set<string>();
  for (const document of documents) for (const statement of [(document as { Statement?: object | object[] } | null)?.Statement ?? []].flat() as { Effect?: string; Action?: string | string[] }[]) {
    if (statement.Effect !== 'Allow') continue;
    for (const action of [statement.Action ?? []].flat()) for (const name of action === '*' ? serviceNames : [action.split(':')[0]!]) found.add(name);
  }
  return [...found].sort();
}
