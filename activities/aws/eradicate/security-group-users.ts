import { paginateDescribeNetworkInterfaces, paginateDescribeSecurityGroups, type EC2Client } from '@aws-sdk/client-ec2';
import { all } from './support';

/** Who relies on a security group: instances and other interfaces in it, and other groups whose inbound or outbound rules name it. */
export async function usersOfGroup(ec2: EC2Client, id: string): Promise<{ instances: string[]; interfaces: string[]; groups: string[] }> {
  const client = { client: ec2 };
  const naming = (filter: string) => all(paginateDescribeSecurityGroups(client, { Filters: [{ Name: filter, Values: [id] }] }), (page) => page.SecurityGroups);
  const [interfaces, inbound, outbound] = await Promise.all([
    all(paginateDescribeNetworkInterfaces(client, { Filters: [{ Name: 'group-id', Values: [id] }] }), (page) => page.NetworkInterfaces),
    naming('ip-permission.group-id'), naming('egress.ip-permission.group-id'),
  ]);
  return {
    instances: interfaces.flatMap((one) => one.Attachment?.InstanceId ?? []),
    interfaces: interfaces.filter((one) => !one.Attachment?.InstanceId).map((one) => one.NetworkInterfaceId ?? ''),
    groups: [...new Set([...inbound, ...outbound].map((group) => group.GroupId ?? ''))].filter((other) => other !== id),
  };
}
