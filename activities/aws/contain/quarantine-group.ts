import {
  CreateSecurityGroupCommand, paginateDescribeSecurityGroupRules, paginateDescribeSecurityGroups, RevokeSecurityGroupEgressCommand, RevokeSecurityGroupIngressCommand,
  type EC2Client, type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { all } from '../eradicate/support';

/** The VPC's group of this name that has no rules at all: made when missing, emptied when somebody filled it. Returns its id. */
export async function ensureQuarantineGroup(ec2: EC2Client, vpc: string, name: string): Promise<string> {
  const id = (await findQuarantineGroup(ec2, vpc, name)) ?? (await createGroup(ec2, vpc, name));
  const rules = await groupRules(ec2, id);
  const ids = (egress: boolean): string[] => rules.filter((rule) => rule.IsEgress === egress).map((rule) => rule.SecurityGroupRuleId ?? '');
  // A new group lets everything out until this rule is revoked.
  if (ids(true).length > 0) await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: id, SecurityGroupRuleIds: ids(true) }));
  if (ids(false).length > 0) await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: id, SecurityGroupRuleIds: ids(false) }));
  return id;
}

export async function findQuarantineGroup(ec2: EC2Client, vpc: string, name: string): Promise<string | null> {
  const filters = [{ Name: 'vpc-id', Values: [vpc] }, { Name: 'group-name', Values: [name] }];
  const [group] = await all(paginateDescribeSecurityGroups({ client: ec2 }, { Filters: filters }), (page) => page.SecurityGroups);
  return group?.GroupId ?? null;
}

export function groupRules(ec2: EC2Client, id: string): Promise<SecurityGroupRule[]> {
  return all(paginateDescribeSecurityGroupRules({ client: ec2 }, { Filters: [{ Name: 'group-id', Values: [id] }] }), (page) => page.SecurityGroupRules);
}

async function createGroup(ec2: EC2Client, vpc: string, name: string): Promise<string> {
  try {
    const made = await ec2.send(new CreateSecurityGroupCommand({ VpcId: vpc, GroupName: name, Description: 'Tourniquet: isolated, lets nothing in or out' }));
    return made.GroupId ?? '';
  } catch (error) {
    const raced = error instanceof Error && error.name === 'InvalidGroup.Duplicate' ? await findQuarantineGroup(ec2, vpc, name) : null;
    if (raced) return raced;
    throw error;
  }
}
