import { isMembers } from './fields';
import { mappedSource } from './mapping';

const EVENT = 'collectionElements[0].references[0].event';

/**
 * Google SecOps (Chronicle) detections: `detections`, a list, or one, with the events of the rule in UDM. Source: Google SecOps, Detection Engine API (Detection), Unified Data Model field list.
 */
export const googleSecOps = mappedSource('google-secops', {
  each: ['detections', 'alerts'],
  fields: {
    id: 'id',
    time: ['detectionTime', 'timeWindow.endTime', 'createdTime'],
    title: ['detection[0].ruleName', 'detection[0].summary'],
    severity: ['detection[0].severity', 'detection[0].ruleLabels.severity', 'detection[0].riskScore'],
    provider: [`${EVENT}.metadata.vendorName`, `${EVENT}.metadata.logType`, `${EVENT}.metadata.productName`, `${EVENT}.principal.cloud.environment`],
    account: [`${EVENT}.principal.cloud.project.id`, `${EVENT}.target.cloud.project.id`, `${EVENT}.metadata.productDeploymentId`, `${EVENT}.principal.user.companyName`],
    region: [`${EVENT}.target.location.name`, `${EVENT}.principal.location.name`],
    principal: [`${EVENT}.principal.resource.name`, `${EVENT}.principal.user.productObjectId`, `${EVENT}.principal.user.emailAddresses`, `${EVENT}.principal.user.windowsSid`, `${EVENT}.principal.user.userid`],
    principalName: [`${EVENT}.principal.user.userDisplayName`, `${EVENT}.principal.user.userid`],
    sourceIp: `${EVENT}.principal.ip`,
    addresses: 'collectionElements[*].references[*].event.principal.ip',
    userAgent: `${EVENT}.network.http.userAgent`,
    target: [`${EVENT}.target.resource.name`, `${EVENT}.target.user.userid`],
    techniques: ['detection[0].ruleLabels[*].value', `${EVENT}.securityResult[*].attackDetails.techniques[*].id`],
    url: 'detection[0].urlBackToProduct',
    raw: 'collectionElements[0].references[0].logData',
  },
}, (payload) => {
  const first: unknown = isMembers(payload) && Array.isArray(payload['detections']) ? payload['detections'][0] : payload;
  return isMembers(first) && Array.isArray(first['detection']) && ('collectionElements' in first || 'timeWindow' in first || typeof first['type'] === 'string');
});
