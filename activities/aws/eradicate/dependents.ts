import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { GetPolicyCommand, paginateGetGroup, paginateListInstanceProfilesForRole } from '@aws-sdk/client-iam';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { holderKey, holdersOf } from './managed-policy';
import { usersOfGroup } from './security-group-users';
import { all, orNull, texts } from './support';

type Of = Pick<Target, 'account' | 'region' | 'id' | 'name'>;
/** What relies on the thing and is not the attacker's, in words; `params` names the attacker's own. */
type Dependents = (ctx: AwsContext, target: Of, params: JsonObject) => Promise<string[]>;

/** Functions and running instances, in every configured region, that act under the role. */
async function roleDependents(ctx: AwsContext, target: Of, params: JsonObject): Promise<string[]> {
  const { iam } = ctx.access.clients(target.account);
  const profiles = await orNull(all(paginateListInstanceProfilesForRole({ client: iam }, { RoleName: target.name }), (page) => page.InstanceProfiles));
  const arns = (profiles ?? []).flatMap((profile) => profile.Arn ?? []);
  const perRegion = await Promise.all(
    ctx.access.regions(target.account).map(async (region) => {
      const { ec2, lambda } = ctx.access.clients(target.account, region);
      const functions = await all(paginateListFunctions({ client: lambda }, {}), (page) => page.Functions);
      const filters = [{ Name: 'iam-instance-profile.arn', Values: arns }, { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] }];
      const instances = arns.length === 0 ? [] : await all(paginateDescribeInstances({ client: ec2 }, { Filters: filters }), (page) => page.Reservations?.flatMap((one) => one.Instances ?? []));
      return [
        ...functions.filter((one) => one.Role?.split(':')[4] === target.account && one.Role.endsWith(`/${target.name}`) && !texts(params, 'functions').includes(one.FunctionArn ?? '')).map((one) => `function ${one.FunctionArn}`),
        ...instances.filter((one) => !texts(params, 'instances').includes(one.InstanceId ?? '')).map((one) => `instance ${one.InstanceId} (${region})`),
      ];
    }),
  );
  return perRegion.flat();
}

async function policyDependents(ctx: AwsContext, target: Of, params: JsonObject): Promise<string[]> {
  const { iam } = ctx.access.clients(target.account);
  const policy = (await orNull(iam.send(new GetPolicyCommand({ PolicyArn: target.id }))))?.Policy;
  if (!policy) return [];
  const holders = (await holdersOf(iam, target.id)).map(holderKey);
  const boundaries = policy.PermissionsBoundaryUsageCount ?? 0;
  return [...holders.filter((key) => !texts(params, 'holders').includes(key)), ...(boundaries > 0 ? [`${boundaries} permissions boundaries`] : [])];
}

async function groupDependents(ctx: AwsContext, target: Of, params: JsonObject): Promise<string[]> {
  const { iam } = ctx.access.clients(target.account);
  const users = await orNull(all(paginateGetGroup({ client: iam }, { GroupName: target.name }), (page) => page.Users));
  return (users ?? []).map((user) => user.UserName ?? '').filter((user) => !texts(params, 'users').includes(user)).map((user) => `member ${user}`);
}

async function securityGroupDependents(ctx: AwsContext, target: Of, params: JsonObject): Promise<string[]> {
  const { instances, interfaces, groups } = await usersOfGroup(ctx.access.clients(target.account, target.region).ec2, target.id);
  return [
    ...instances.filter((id) => !texts(params, 'instances').includes(id)).map((id) => `instance ${id}`),
    ...interfaces.map((id) => `network interface ${id}`),
    ...groups.filter((id) => !texts(params, 'groups').includes(id)).map((id) => `rules of ${id}`),
  ];
}

/** Audit trails that write into the bucket. */
async function bucketDependents(ctx: AwsContext, target: Of, params: JsonObject): Promise<string[]> {
  const perRegion = await Promise.all(
    ctx.access.regions(target.account).map(async (region) => (await ctx.access.clients(target.account, region).cloudtrail.send(new DescribeTrailsCommand({}))).trailList ?? []),
  );
  const trails = perRegion.flat().filter((trail) => trail.S3BucketName === target.name).map((trail) => trail.TrailARN ?? trail.Name ?? '');
  return [...new Set(trails)].filter((arn) => !texts(params, 'trails').includes(arn)).map((arn) => `trail ${arn}`);
}

/** Actions that delete a made thing which somebody else may have come to rely on. */
export const dependentsOf: Readonly<Record<string, Dependents>> = {
  'aws.delete-role': roleDependents,
  'aws.delete-policy': policyDependents,
  'aws.delete-group': groupDependents,
  'aws.delete-security-group': securityGroupDependents,
  'aws.delete-bucket': bucketDependents,
};

/** Throws STILL_IN_USE. Asked at planning and again before anything is destroyed. */
export async function refuseDependents(ctx: AwsContext, action: keyof typeof dependentsOf & string, target: Of, params: JsonObject): Promise<void> {
  const found = (await dependentsOf[action]?.(ctx, target, params)) ?? [];
  if (found.length > 0) throw fail('STILL_IN_USE', `${target.name} is used by what is not the attacker’s: ${found.join(', ')}`);
}
