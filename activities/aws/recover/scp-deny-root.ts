import {
  AttachPolicyCommand, CreatePolicyCommand, DeletePolicyCommand, DescribePolicyCommand, DetachPolicyCommand, ListRootsCommand, paginateListPolicies,
  paginateListPoliciesForTarget, paginateListTargetsForPolicy, UpdatePolicyCommand, type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { all, removed, sameDocument } from '../eradicate/support';

const name = 'TourniquetDenyRoot';
/** At most five service control policies directly on one account (AWS Organizations quotas). */
const limit = 5;

/** Denies the member account's root everything. Sessions of sts:AssumeRoot stay possible (`aws:AssumedRoot` is set for them alone): Tourniquet itself uses them in 2.2. */
export const denyRootDocument: JsonObject = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'TourniquetDenyRoot', Effect: 'Deny', Action: '*', Resource: '*',
      Condition: { StringLike: { 'aws:PrincipalArn': 'arn:*:iam::*:root' }, Null: { 'aws:AssumedRoot': 'true' } },
    },
  ],
};

/** Throws NOT_SUPPORTED, with what to do, where no service control policy can bind the account. */
async function organizations(ctx: AwsContext, account: string): Promise<OrganizationsClient> {
  const management = ctx.access.config.accounts.find((one) => one.management);
  const client = ctx.access.management()?.organizations;
  if (!management || !client) throw fail('NOT_SUPPORTED', 'no management account is configured (aws.accounts[].management): set the service control policy by hand');
  if (management.id === account) throw fail('NOT_SUPPORTED', `${account} is the management account, which no service control policy binds: keep its root under hardware MFA without keys (2.2.1)`);
  const roots = (await client.send(new ListRootsCommand({}))).Roots ?? [];
  const enabled = roots.some((root) => root.PolicyTypes?.some((type) => type.Type === 'SERVICE_CONTROL_POLICY' && type.Status === 'ENABLED'));
  if (!enabled) throw fail('NOT_SUPPORTED', 'service control policies are not enabled in this organization (EnablePolicyType on its root): decide by hand');
  return client;
}

async function findPolicy(client: OrganizationsClient): Promise<{ id: string; document: JsonObject } | null> {
  const policies = await all(paginateListPolicies({ client }, { Filter: 'SERVICE_CONTROL_POLICY' }), (page) => page.Policies);
  const id = policies.find((policy) => policy.Name === name)?.Id;
  if (!id) return null;
  const content = (await client.send(new DescribePolicyCommand({ PolicyId: id }))).Policy?.Content;
  return { id, document: JSON.parse(content ?? '{}') as JsonObject };
}

const attachedTo = (client: OrganizationsClient, account: string) =>
  all(paginateListPoliciesForTarget({ client }, { TargetId: account, Filter: 'SERVICE_CONTROL_POLICY' }), (page) => page.Policies);

async function read(ctx: AwsContext, account: string) {
  const client = await organizations(ctx, account);
  const [policy, attached] = await Promise.all([findPolicy(client), attachedTo(client, account)]);
  return { client, policy, count: attached.length, attached: policy !== null && attached.some((one) => one.Id === policy.id), same: sameDocument(policy?.document, denyRootDocument) };
}

/** Row 4.6. Target: a member account. */
export const scpDenyRoot = defineAwsAction('aws.scp-deny-root', {
  permissions: [
    'organizations:ListRoots', 'organizations:ListPolicies', 'organizations:DescribePolicy', 'organizations:ListPoliciesForTarget', 'organizations:CreatePolicy',
    'organizations:TagResource', 'organizations:UpdatePolicy', 'organizations:AttachPolicy', 'organizations:DetachPolicy', 'organizations:ListTargetsForPolicy',
    'organizations:DeletePolicy',
  ],
  async plan(ctx, { target }) {
    const { policy, attached, count, same } = await read(ctx, target.account);
    if (!attached && count >= limit) throw fail('LIMIT_EXCEEDED', `account ${target.account} has ${count} service control policies of its own, five is the limit: detach one or put this one on its unit`);
    const change = [
      ...(policy && !same ? [`set the document of service control policy ${name} anew`] : []), ...(policy ? [] : [`make service control policy ${name}`]),
      ...(attached ? [] : [`attach it to account ${target.account}: its root user can do nothing (sts:AssumeRoot tasks still work)`]),
    ];
    return { needed: change.length > 0, before: { policy: policy?.id ?? null, document: policy?.document ?? null, attached, count }, change };
  },
  async apply(ctx, step) {
    const { client, policy, attached, same } = await read(ctx, step.target.account);
    const Content = JSON.stringify(denyRootDocument);
    if (policy && !same) await client.send(new UpdatePolicyCommand({ PolicyId: policy.id, Content }));
    const made = policy ? null : await client.send(new CreatePolicyCommand({
      Name: name, Description: 'Nothing as root in member accounts', Type: 'SERVICE_CONTROL_POLICY', Content, Tags: [{ Key: 'made-by', Value: 'tourniquet' }],
    }));
    const id = policy?.id ?? made?.Policy?.PolicySummary?.Id ?? '';
    if (!attached) await client.send(new AttachPolicyCommand({ PolicyId: id, TargetId: step.target.account }));
    return { policy: id, attached: true };
  },
  async verify(ctx, step) {
    const { policy, attached, same } = await read(ctx, step.target.account);
    return { holds: attached && same, seen: { policy: policy?.id ?? null, attached, documentAsWanted: same } };
  },
  async undo(ctx, step) {
    const { client, policy, attached } = await read(ctx, step.target.account);
    if (!policy) return { seen: { attached: false }, left: [] };
    if (attached && step.before.attached !== true) await removed(client.send(new DetachPolicyCommand({ PolicyId: policy.id, TargetId: step.target.account })));
    if (step.before.document && step.before.policy === policy.id) await client.send(new UpdatePolicyCommand({ PolicyId: policy.id, Content: JSON.stringify(step.before.document) }));
    const targets = await all(paginateListTargetsForPolicy({ client }, { PolicyId: policy.id }), (page) => page.Targets);
    if (!step.before.policy && targets.length === 0) await removed(client.send(new DeletePolicyCommand({ PolicyId: policy.id })));
    return { seen: { attached: step.before.attached === true }, left: targets.length > 0 && !step.before.policy ? [`the policy stays on ${targets.map((one) => one.TargetId).join(', ')}`] : [] };
  },
});
