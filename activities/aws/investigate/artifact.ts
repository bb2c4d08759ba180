import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import type { Attributed } from './attribution';

export { counted, merged, named, settled, withDetails } from '../../artifacts';

/** One artifact from one event. `region` null for global services. */
export function artifactOf({ record, attribution, why }: Attributed, of: Pick<Artifact, 'kind' | 'id' | 'name' | 'how'> & { region?: string | null; details?: JsonObject }): Artifact {
  return {
    provider: 'aws', account: record.account, region: of.region === undefined ? record.awsRegion : of.region, kind: of.kind, id: of.id, name: of.name, attribution, how: of.how,
    events: [record.eventID], details: { why, by: record.identity.arn, sourceIp: record.sourceIPAddress, time: record.eventTime, event: record.eventName, ...of.details },
  };
}
