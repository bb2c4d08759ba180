import type { Alert } from '../../model/alert';
import { fact } from '../reading';

/**
 * AWS services that call others for their own purposes in an account. Services that carry out what a customer wrote (CloudFormation, Systems Manager, Step Functions,
 * Lambda, CodeBuild, …) are not here: an attacker works through those.
 */
const OWN_BEHALF = new Set([
  'autoscaling', 'application-autoscaling', 'spot', 'spotfleet', 'ec2fleet', 'ec2', 'eks', 'eks-nodegroup', 'eks-fargate', 'eks-fargate-pods', 'ecs', 'elasticmapreduce', 'batch', 'elasticbeanstalk',
  'config', 'config-conforms', 'config-multiaccountsetup', 'securityhub', 'guardduty', 'malware-protection', 'macie', 'inspector', 'inspector2', 'detective', 'access-analyzer', 'backup', 'dlm', 'rds',
  'redshift', 'elasticache', 'elasticloadbalancing', 'sso', 'member.org.stacksets', 'stacksets.cloudformation', 'organizations', 'controltower', 'fms', 'trustedadvisor', 'support', 'resource-explorer-2',
  'cloudtrail', 'delivery.logs', 'network-firewall', 'globalaccelerator', 'cloudfront', 'vpc-lattice', 'compute-optimizer', 'cost-optimization-hub', 'health', 'wafv2', 'shield',
]);

/** Is it AWS itself that acted, without anybody’s wish behind it? Returns the service, or null. */
export function awsServiceBehind(alert: Alert): string | null {
  const userType = fact(alert, 'userType');
  const invokedBy = fact(alert, 'invokedBy');
  if (userType === 'AWSService') return invokedBy || 'an AWS service';
  if (fact(alert, 'eventType') === 'AwsServiceEvent') return invokedBy || 'an AWS service';
  const roleArn = alert.session?.roleArn ?? '';
  if (roleArn.includes(':role/aws-service-role/') || /[:/]AWSServiceRoleFor[A-Za-z0-9]+/.test(roleArn)) return 'a service-linked role';
  if (!invokedBy.endsWith('.amazonaws.com') && !invokedBy.endsWith('.amazonaws.com.cn')) return null;
  const name = invokedBy.slice(0, invokedBy.indexOf('.amazonaws.com')).toLowerCase();
  return OWN_BEHALF.has(name) ? invokedBy : null;
}
