import type { Alert } from '../../model/alert';
import type { Classification } from '../../model/verdict';
import { awsKinOf, riskRowOf } from '../../risk-table';
import type { Kin } from '../../risk/types';
import { alerting, ignored } from '../classification';
import { riskRank } from '../ranks';
import { brief, callOf, fact, fires, quiet, requestOmitted, serviceOf, type Outcome } from '../reading';
import { awsServiceBehind } from './actor';
import { costlyInstances } from './resources';
import { rootActivity } from './root';
import { consoleLogin } from './signin';
import { awsTests } from './tests';

const STACKS = 'cloudformation.amazonaws.com';
const LIMITS = /LimitExceeded|MaxSpotInstanceCountExceeded|SpotFleetRequestLimit/i;
/** Tools that look for and try out stolen keys and name themselves. */
const TOOLS = /pacu\/|cloudfox|enumerate-iam|\bkali\b|\bparrot\b|pentoo/i;
const usesTool = (alert: Alert): boolean => TOOLS.test(alert.userAgent ?? '') || (alert.event === 'GetCallerIdentity' && /trufflehog/i.test(alert.userAgent ?? ''));

/** Did an attempt that failed still tell of an attack? */
function failureTells(alert: Alert, kin: Kin): Outcome | null {
  const failed = `it failed (${brief(alert.errorCode ?? 'no code', 48)})`;
  if (kin.test === 'start-script-read') {
    const outcome = awsTests[kin.test](alert, kin);
    return outcome.fires ? outcome : null;
  }
  if (kin.failureMatters) return fires('attempt-matters', `${brief(callOf(alert))} was tried; ${failed}, and nobody tries that by accident`);
  if (kin.test === 'instances') {
    if (LIMITS.test(alert.errorCode ?? '')) return fires('compute-limit-hit', `more compute was asked for than the account may have; ${failed}`);
    const costly = costlyInstances(alert);
    if (costly) return fires('costly-compute-tried', `it tried to start ${costly}; ${failed}`);
  }
  return null;
}

function viaKin(alert: Alert, kin: Kin): Classification {
  if (alert.dryRun) return ignored(kin.event, 'low', quiet('dry-run', 'a dry run changes nothing'));
  if (alert.outcome === 'failure') {
    const telling = failureTells(alert, kin);
    return telling ? alerting(kin, telling) : ignored(kin.event, 'low', quiet('attempt-failed', `${brief(callOf(alert))} failed (${brief(alert.errorCode ?? 'no code', 48)}): nothing was changed`));
  }
  const outcome = awsTests[kin.test](alert, kin);
  if (outcome.fires) return byStack(alert, alerting(kin, outcome));
  // What cannot be seen in full must not pass for harmless: padding a request would hide an opening.
  return requestOmitted(alert) ? alerting(kin, fires('request-omitted', 'the request is too large to be seen in full', { risk: 'medium' })) : ignored(kin.event, 'low', outcome);
}

/**
 * A user or role that a CloudFormation stack makes is part of a deployment and has no rights yet: its policies, keys, passwords and foreign trust are calls of their own, each judged.
 * Only what AWS itself writes counts: anybody may call himself so in `userAgent`.
 */
function byStack(alert: Alert, is: Classification): Classification {
  const stack = fact(alert, 'invokedBy') === STACKS || fact(alert, 'sourceHost') === STACKS;
  return stack && is.event === 'create-user' && is.type === 'new-identity' && ['CreateUser', 'CreateRole'].includes(callOf(alert)) ? ignored(is.event, 'low', quiet('by-stack', 'a CloudFormation stack made it; what the stack gives it is judged by itself')) : is;
}

function graver(a: Classification, b: Classification): Classification {
  if (a.status !== b.status) return a.status === 'alert' ? a : b;
  return riskRank(b.risk) > riskRank(a.risk) ? b : a;
}

/** One CloudTrail event: who acted first, then the call, then what the record says it did. */
export function classifyCloudTrail(alert: Alert): Classification {
  const service = awsServiceBehind(alert);
  const call = callOf(alert);
  if (service !== null) return ignored(null, 'info', quiet('aws-service', `${brief(service)} acted on its own behalf`));
  const kins = awsKinOf(serviceOf(alert), call);
  if (alert.principal?.kind === 'root') {
    const outcome = rootActivity(alert);
    const techniques = [...new Set(['T1078.004', ...kins.flatMap((kin) => kin.techniques)])];
    return outcome.fires ? alerting({ ...riskRowOf('root-login'), techniques }, outcome) : ignored('root-login', 'low', outcome);
  }
  if (call === 'ConsoleLogin') {
    const outcome = consoleLogin(alert);
    return outcome.fires ? alerting(riskRowOf('suspicious-signin'), outcome) : ignored('suspicious-signin', 'info', outcome);
  }
  if (kins.length > 0) {
    const found = kins.map((kin) => viaKin(alert, kin)).reduce(graver);
    if (found.status === 'alert' || !usesTool(alert)) return found;
  }
  return beyondTheTable(alert);
}

function beyondTheTable(alert: Alert): Classification {
  if (usesTool(alert)) {
    return alerting({ ...riskRowOf('other-high-risk'), techniques: ['T1552.001', 'T1078.004'] }, fires('attack-tool', `the caller names itself ${brief(alert.userAgent ?? '', 40)}: a tool that tries out found keys`));
  }
  if (alert.facts['eventType'] === 'AwsVpceEvent') {
    if (alert.errorCode === 'VpceAccessDenied') return alerting({ ...riskRowOf('other-high-risk'), techniques: ['T1530'] }, fires('endpoint-refused', 'a VPC endpoint’s policy refused the call: credentials of another account, or data on its way out'));
    if (serviceOf(alert) === 's3' && alert.outcome === 'success' && alert.facts['sourcePublic'] === true) return alerting({ ...riskRowOf('other-high-risk'), techniques: ['T1530'] }, fires('endpoint-from-internet', 'a private endpoint of S3 was used from a public address'));
  }
  return ignored(null, 'info', quiet('not-high-risk', `${brief(alert.event)} is not in the playbook’s tables`));
}
