import type { Envelope } from '../gateway/cloudtrail/stream';
import type { Aws } from '../start';
import type { Actor } from '../world';
import { hostile } from './tools';

/** GuardDuty sees an IAM user's key used from a Tor exit (GuardDuty User Guide, "IAM finding types"). */
export function torFinding(aws: Aws, actor: Actor, region: string): Promise<Envelope> {
  const user = aws.world.estate.account(actor.account).users.get(actor.name);
  return aws.raiseFinding(actor.account, region, {
    Type: 'UnauthorizedAccess:IAMUser/TorIPCaller', Severity: 5,
    Title: `API ListUsers was invoked from a Tor exit node.`,
    Description: `API ListUsers was invoked from a Tor exit node IP address ${hostile.sourceIp}.`,
    Resource: { ResourceType: 'AccessKey', AccessKeyDetails: { AccessKeyId: actor.keys.accessKeyId, PrincipalId: user?.id, UserType: 'IAMUser', UserName: actor.name } },
    Service: {
      ResourceRole: 'TARGET',
      Action: {
        ActionType: 'AWS_API_CALL',
        AwsApiCallAction: {
          Api: 'ListUsers', ServiceName: 'iam.amazonaws.com', CallerType: 'Remote IP', UserAgent: hostile.userAgent, AffectedResources: {},
          RemoteIpDetails: { IpAddressV4: hostile.sourceIp, Country: { CountryName: 'Germany' }, City: { CityName: 'Berlin' }, GeoLocation: { Lat: 52.52, Lon: 13.41 }, Organization: { Asn: '60729', AsnOrg: 'Stiftung Erneuerbare Freiheit', Isp: 'Stiftung Erneuerbare Freiheit', Org: 'Stiftung Erneuerbare Freiheit' } },
        },
      },
    },
  });
}
