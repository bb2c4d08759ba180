import { paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import type { AwsAccess } from './clients';
import type { PolicyDocument, PolicyStatement } from './permissions';

export const selfCheckPermissions: readonly string[] = ['iam:SimulatePrincipalPolicy'];

/** SimulatePrincipalPolicy takes many actions at once; kept well under its request size. */
const BATCH = 60;

/**
 * Which calls of the wanted policy the account's responder role may not make, by AWS's own evaluation (IAM API: SimulatePrincipalPolicy).
 * Each call is asked on a thing that the policy names for it: asked on `*`, a call that is limited to its resources would look denied.
 */
export async function deniedPermissions(access: AwsAccess, account: string, wanted: PolicyDocument): Promise<string[]> {
  const { iam } = access.clients(account);
  const { roleArn } = access.config.accounts.find((one) => one.id === account)!;
  const denied = new Set<string>();
  for (const statement of wanted.Statement.filter((one) => one.Effect === 'Allow')) {
    for (let from = 0; from < statement.Action.length; from += BATCH) {
      const actions = statement.Action.slice(from, from + BATCH);
      const allowed = new Set<string>();
      const pages = paginateSimulatePrincipalPolicy({ client: iam }, { PolicySourceArn: roleArn, ActionNames: actions, ...circumstances(statement, account) });
      for await (const { EvaluationResults = [] } of pages) {
        for (const { EvalActionName = '', EvalDecision, ResourceSpecificResults = [] } of EvaluationResults) {
          if (EvalDecision === 'allowed' || ResourceSpecificResults.some((one) => one.EvalResourceDecision === 'allowed')) allowed.add(EvalActionName.toLowerCase());
        }
      }
      for (const action of actions) if (!allowed.has(action.toLowerCase())) denied.add(action);
    }
  }
  return [...denied].sort();
}

/** ARNs that end in a bare `*` in our policy, as things of each kind that the calls touch (Service Authorization Reference: resource types). */
const kinds: readonly [RegExp, readonly string[]][] = [
  [/^arn:[^:]+:ec2:[^:]*:[^:]*:\*$/, ['instance', 'security-group', 'network-acl', 'network-interface', 'spot-instances-request', 'volume', 'vpc'].map((kind) => `${kind}/*`)],
  [/^arn:[^:]+:s3:::\*$/, ['*', '*/*']],
  [/^arn:[^:]+:organizations::\*:policy\/\*$/, ['o-*/service_control_policy/p-*']],
  [/^arn:[^:]+:organizations::\*:(account|ou|root)\/\*$/, ['o-*/*']],
  [/^arn:[^:]+:organizations::aws:policy\/\*$/, ['service_control_policy/p-*']],
  [/^arn:[^:]+:wafv2:.*\/(ipset|webacl)\/[^/]*\*$/, ['*/*']],
];

/** A made-up thing for each resource of the statement, and one value for each condition. */
function circumstances({ Resource, Condition = {} }: PolicyStatement, account: string) {
  const things = Resource.flatMap((arn) => kinds.find(([pattern]) => pattern.test(arn))?.[1].map((rest) => arn.replace(/\*$/, rest)) ?? [arn]).map((arn) => {
    const [head, partition, service, region, owner, ...rest] = arn.split(':');
    return [head, partition, service, region === '*' ? 'us-east-1' : region, owner === '*' ? account : owner, rest.join(':').replace(/\*/g, 'selfcheck')].join(':');
  });
  const context = Object.values(Condition).flatMap((keys) => Object.entries(keys)).map(([ContextKeyName, value]) => ({
    ContextKeyName, ContextKeyType: 'string' as const, ContextKeyValues: [[value].flat()[0]!],
  }));
  return { ...(Resource[0] === '*' ? {} : { ResourceArns: things }), ...(context.length > 0 ? { ContextEntries: context } : {}) };
}
