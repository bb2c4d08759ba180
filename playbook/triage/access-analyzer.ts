import type { Alert } from '../model/alert';
import type { Classification } from '../model/verdict';
import { riskRowOf } from '../risk-table';
import { alerting, ignored } from './classification';
import { brief, fact, fires, quiet } from './reading';

/** Unused access is housekeeping; the others tell that somebody outside is let in. */
const UNUSED = /unused/i;

/** What Access Analyzer found reachable from outside, by the resource’s kind. It names nobody who opened it: an incident on the account unless a record does. */
export function classifyAccessAnalyzer(alert: Alert): Classification {
  const kind = fact(alert, 'resourceType');
  const what = `${brief(kind, 60)} ${brief(fact(alert, 'resource'), 160)}`;
  if (UNUSED.test(fact(alert, 'findingType')) || UNUSED.test(alert.event)) return ignored('other-high-risk', 'low', quiet('unused-access', `${what} has access that nobody uses`));
  if (fact(alert, 'status') !== 'ACTIVE' || alert.facts['deleted'] === true) return ignored('other-high-risk', 'info', quiet('archived-finding', `the finding on ${what} is ${brief(fact(alert, 'status'), 20).toLowerCase() || 'deleted'}`));
  const open = alert.facts['public'] === true;
  const told = fires(open ? 'analyzer-public' : 'analyzer-external', `${what} ${open ? 'is open to everybody' : 'lets in an identity from outside'}`);
  if (kind === 'AWS::IAM::Role') return alerting(riskRowOf('cross-account-role'), { ...told, risk: open ? 'critical' : 'high' });
  if (/^AWS::(S3|RDS|EC2::Snapshot|EBS|EFS|ECR|DynamoDB|S3Express)/.test(kind)) return alerting(riskRowOf('storage-exposure'), { ...told, risk: open ? 'critical' : 'high' });
  return alerting(riskRowOf('other-high-risk'), { ...told, type: 'exposure-or-tracks', risk: open ? 'high' : 'medium' });
}
