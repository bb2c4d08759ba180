import type { JsonObject } from '../../playbook/json';

const prefixes: Record<string, string> = { costExplorer: 'ce', ssoAdmin: 'sso', identityStore: 'identitystore' };

/** Calls whose IAM action is not `<service>:<Operation>` (Service Authorization Reference, per service). */
const others: Record<string, (input: JsonObject) => string[]> = {
  's3.ListBuckets': () => ['s3:ListAllMyBuckets'],
  's3.GetPublicAccessBlock': () => ['s3:GetBucketPublicAccessBlock'],
  's3.PutPublicAccessBlock': () => ['s3:PutBucketPublicAccessBlock'],
  's3.DeletePublicAccessBlock': () => ['s3:PutBucketPublicAccessBlock'],
  's3.ListObjectVersions': () => ['s3:ListBucketVersions'],
  's3.ListMultipartUploads': () => ['s3:ListBucketMultipartUploads'],
  's3.GetObject': (input) => [input.VersionId && input.VersionId !== 'null' ? 's3:GetObjectVersion' : 's3:GetObject'],
  's3.DeleteObjects': (input) => [
    ...new Set(((input.Delete as JsonObject | undefined)?.Objects as JsonObject[]).map((one) => (one.VersionId && one.VersionId !== 'null' ? 's3:DeleteObjectVersion' : 's3:DeleteObject'))),
  ],
  'budgets.DescribeBudget': () => ['budgets:ViewBudget'],
  'budgets.DescribeNotificationsForBudget': () => ['budgets:ViewBudget'],
  'budgets.DescribeSubscribersForNotification': () => ['budgets:ViewBudget'],
  'budgets.CreateBudget': () => ['budgets:ModifyBudget'],
  'budgets.UpdateBudget': () => ['budgets:ModifyBudget'],
  'budgets.DeleteBudget': () => ['budgets:ModifyBudget'],
  'budgets.CreateNotification': () => ['budgets:ModifyBudget'],
  'budgets.CreateSubscriber': () => ['budgets:ModifyBudget'],
  'ec2.CreateSnapshot': (input) => ['ec2:CreateSnapshot', ...(input.TagSpecifications ? ['ec2:CreateTags'] : [])],
  'iam.CreatePolicy': (input) => ['iam:CreatePolicy', ...(input.Tags ? ['iam:TagPolicy'] : [])],
  'organizations.CreatePolicy': (input) => ['organizations:CreatePolicy', ...(input.Tags ? ['organizations:TagResource'] : [])],
  'cloudtrail.CreateTrail': (input) => ['cloudtrail:CreateTrail', ...(input.TagsList ? ['cloudtrail:AddTags'] : [])],
  'guardduty.CreateDetector': (input) => ['guardduty:CreateDetector', 'iam:CreateServiceLinkedRole', ...(input.Tags ? ['guardduty:TagResource'] : [])],
};

/** The IAM actions that a call needs. */
export function actionsOf(service: string, operation: string, input: JsonObject): string[] {
  return others[`${service}.${operation}`]?.(input) ?? [`${prefixes[service] ?? service}:${operation}`];
}
