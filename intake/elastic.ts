import { isMembers, text } from './fields';
import { mappedSource, valueAt } from './mapping';

const CLOUD = 'aws.cloudtrail.user_identity';

/**
 * Elastic Security alerts as a rule’s webhook connector posts them: `{"alerts": [{{{context.alerts}}}]}`, a list, or one document; nested, or flat as the alerts index has them.
 * Source: Elastic Common Schema; Elastic Security, alert schema; the AWS and Azure integrations’ exported fields.
 */
export const elastic = mappedSource('elastic', {
  each: ['alerts', 'hits.hits[*]._source', 'context.alerts'],
  fields: {
    id: ['kibana.alert.uuid', '_id', 'kibana.alert.instance.id', 'event.id'],
    time: ['kibana.alert.original_time', 'kibana.alert.start', '@timestamp'],
    title: ['kibana.alert.rule.name', 'signal.rule.name', 'rule.name', 'message'],
    severity: ['kibana.alert.severity', 'signal.rule.severity', 'kibana.alert.risk_score', 'event.severity'],
    provider: ['cloud.provider', 'event.module', 'event.dataset'],
    account: ['azure.signinlogs.tenant_id', 'azure.auditlogs.tenant_id', 'azure.activitylogs.tenant_id', 'azure.tenant_id', 'cloud.account.id'],
    region: 'cloud.region',
    principal: [`${CLOUD}.arn`, 'azure.signinlogs.properties.user_id', 'azure.activitylogs.identity.claims_initiated_by_user.name', 'azure.auditlogs.properties.initiated_by.user.id', 'user.email', 'user.id', 'user.name'],
    principalName: ['user.full_name', 'user.name'],
    accessKeyId: `${CLOUD}.access_key_id`,
    sourceIp: ['source.ip', 'client.ip', 'source.address'],
    userAgent: 'user_agent.original',
    target: ['user.target.id', 'user.target.name', 'cloud.instance.id'],
    techniques: ['kibana.alert.rule.threat[*].technique[*].id', 'signal.rule.threat[*].technique[*].id', 'threat.technique.id', 'kibana.alert.rule.parameters.threat[*].technique[*].id'],
    url: ['kibana.alert.url', 'kibana.alert.rule.reference'],
    raw: ['event.original', 'kibana.alert.original_event.original'],
  },
}, (payload) => {
  const list: unknown = isMembers(payload) ? payload['alerts'] : payload;
  const first: unknown = Array.isArray(list) ? list[0] : payload;
  return text(valueAt(first, 'kibana.alert.rule.name')) !== '' || text(valueAt(first, 'signal.rule.name')) !== '';
});
