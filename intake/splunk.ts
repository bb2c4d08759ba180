import { isMembers, text } from './fields';
import { mappedSource } from './mapping';

/**
 * Splunk’s webhook alert action: `search_name`, `sid`, `results_link` and the first `result`, whose fields are what the search gives: the Common Information Model and the
 * Splunk Add-on for AWS are tried. `_raw` with a CloudTrail or Entra record names the principal best. Source: Splunk Alerting Manual, webhook alert action; CIM, Alerts and Change.
 */
export const splunk = mappedSource('splunk', {
  fields: {
    time: ['result._time', 'result.eventTime', 'result.orig_time', 'result.lastTime'],
    title: ['search_name', 'result.signature', 'result.rule_name', 'result.source'],
    severity: ['result.severity', 'result.urgency', 'result.risk_severity'],
    provider: ['result.vendor', 'result.cloud_provider', 'result.vendor_product', 'result.sourcetype'],
    account: ['result.aws_account_id', 'result.recipientAccountId', 'result.vendor_account', 'result.account_id', 'result.tenant_id', 'result.tenantId'],
    region: ['result.awsRegion', 'result.vendor_region', 'result.region'],
    principal: ['result.userIdentity.arn', 'result.user_arn', 'result.user_id', 'result.src_user_id', 'result.user', 'result.src_user', 'result.risk_object'],
    principalName: ['result.userName', 'result.user_name', 'result.user'],
    accessKeyId: ['result.userIdentity.accessKeyId', 'result.access_key_id'],
    sourceIp: ['result.src_ip', 'result.sourceIPAddress', 'result.src'],
    userAgent: ['result.user_agent', 'result.userAgent', 'result.http_user_agent'],
    target: ['result.object_id', 'result.object', 'result.dest'],
    techniques: ['result.mitre_technique_id', 'result.annotations.mitre_attack', 'result.annotations.mitre_attack.mitre_technique_id'],
    url: 'results_link',
    raw: 'result._raw',
  },
  severities: { fatal: 'critical', error: 'high', warn: 'medium', '1': 'informational', '2': 'low', '3': 'medium', '4': 'high', '5': 'critical' },
}, (payload) => isMembers(payload) && isMembers(payload['result']) && text(payload['sid']) !== '' && payload['search_name'] !== undefined);
