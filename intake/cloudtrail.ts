import type { Alert } from '../playbook/model/alert';
import type { JsonObject } from '../playbook/json';
import { reachOf } from '../playbook/addresses';
import { watchesAwsCall } from '../playbook/risk-table';
import { actorOf } from './cloudtrail-principal';
import { targetOf } from './cloudtrail-target';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, isoTime, join, membersOf, object, optional, rejecting, required, text, type Members } from './fields';
import type { Parsed, ParseOptions, ParseResult, Source } from './source';

/** CloudTrail, in each of its shapes: EventBridge envelope, bare record, log file with `Records`. Source: CloudTrail user guide, record contents. */
export const cloudtrail: Source = {
  id: 'cloudtrail',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    if (Array.isArray(payload['Records'])) return true;
    if (typeof payload['detail-type'] === 'string') return /CloudTrail|Sign In|Sign-In/i.test(payload['detail-type']) && payload['source'] !== 'aws.guardduty';
    return typeof payload['eventName'] === 'string' && (typeof payload['eventSource'] === 'string' || isMembers(payload['userIdentity']) || typeof payload['eventVersion'] === 'string' || 'requestParameters' in payload);
  },
  parse(payload, options = {}): ParseResult {
    if (Array.isArray(payload)) return payload.map((record: unknown, index) => one(record, `[${index}]`, options));
    if (isMembers(payload)) {
      const records = payload['Records'];
      if (records !== undefined) {
        if (!Array.isArray(records)) return [{ rejected: { path: 'Records', problem: 'must be a list' } }];
        return records.map((record: unknown, index) => one(record, `Records[${index}]`, options));
      }
      if (payload['detail-type'] !== undefined || payload['detail'] !== undefined) return [one(payload['detail'], 'detail', options, payload)];
    }
    return [one(payload, '', options)];
  },
};

function one(record: unknown, path: string, options: ParseOptions, envelope: Members = {}): Parsed {
  const result = rejecting(() => {
    if (!isMembers(record)) throw new FieldProblem(path || '(record)', record === undefined ? 'is missing' : 'must be an object');
    return alertOf(record, path, options, envelope);
  });
  return 'value' in result ? { alert: result.value } : result;
}

const NOTHING = { copy: {}, cut: false };

function alertOf(record: Members, path: string, options: ParseOptions, envelope: Members): Alert {
  const fragment = options.fragmentsAt;
  const event = required(record, 'eventName', path, 256);
  const service = fragment === undefined ? required(record, 'eventSource', path, 256) : optional(record, 'eventSource', path, 256);
  const rawTime = record['eventTime'] === undefined && fragment !== undefined ? fragment : required(record, 'eventTime', path, 64);
  const time = isoTime(rawTime, join(path, 'eventTime'));
  const identity = object(record, 'userIdentity', path);
  const account = accountOf(record, identity, path, envelope, fragment !== undefined);
  const eventId = fragment === undefined ? required(record, 'eventID', path, 256) : (optional(record, 'eventID', path, 256) ?? JSON.stringify(record));
  const request = requestMembers(record, path);
  const response = membersOf(record['responseElements']);
  const additional = membersOf(record['additionalEventData']);
  const actor = actorOf(identity, account, join(path, 'userIdentity'));
  const errorCode = optional(record, 'errorCode', path, 512);
  const failed = errorCode !== null || response[event] === 'Failure' || (event === 'ConsoleLogin' && text(record['errorMessage']) !== '');
  const sourceIp = ipOf(record['sourceIPAddress']);
  const readOnly = record['readOnly'] === true || record['readOnly'] === 'true';
  if (event === 'ConsoleLogin') actor.session.mfa = text(additional['MFAUsed']) === 'Yes' ? 'yes' : text(additional['MFAUsed']) === 'No' ? 'no' : actor.session.mfa;

  // A read that the playbook does not watch carries nothing that triage reads.
  const shown = !readOnly || watchesAwsCall(service, event);
  const kept = shown ? boundedCopy(request) : NOTHING;
  const facts: JsonObject = {
    userType: text(identity?.['type']), invokedBy: text(identity?.['invokedBy']).slice(0, 256), callerAccount: actor.account, eventType: text(record['eventType']).slice(0, 64), readOnly,
    principalArn: text(identity?.['arn']).slice(0, 2048), request: kept.copy,
  };
  if (!readOnly) facts['response'] = boundedCopy(response, 120, 8_000).copy;
  if (Object.keys(additional).length > 0) facts['additional'] = boundedCopy(additional, 60, 4_000).copy;
  if (kept.cut || request['omitted'] === true) facts['requestOmitted'] = true;
  if (record['managementEvent'] === false || record['eventCategory'] === 'Data') facts['dataEvent'] = true;
  if (sourceIp === null && text(record['sourceIPAddress'])) facts['sourceHost'] = text(record['sourceIPAddress']).slice(0, 256);
  if (facts['eventType'] === 'AwsVpceEvent' && sourceIp !== null) facts['sourcePublic'] = reachOf(sourceIp) === 'public';

  return {
    id: alertId(['cloudtrail', account, eventId, event, time]), source: 'cloudtrail', provider: 'aws', account, region: optional(record, 'awsRegion', path, 64), time, receivedAt: null, event, service,
    outcome: failed ? 'failure' : 'success', errorCode, dryRun: /(^|\.)DryRunOperation$/.test(errorCode ?? '') || request['dryRun'] === true, principal: actor.principal,
    session: identity ? actor.session : null, sourceIp, userAgent: typeof record['userAgent'] === 'string' ? record['userAgent'].slice(0, 1024) : null, channel: channelOf(record, facts),
    target: targetOf(service, request, response, account), addresses: sourceIp === null ? [] : [sourceIp], facts, raw: null,
  };
}

/** A request that is not an object is hostile or broken; CloudTrail writes null for none. */
function requestMembers(record: Members, path: string): Members {
  const request = record['requestParameters'];
  if (request === undefined || request === null || request === '') return {};
  if (!isMembers(request)) throw new FieldProblem(join(path, 'requestParameters'), 'must be an object');
  return request;
}

function accountOf(record: Members, identity: Members | null, path: string, envelope: Members, fragment: boolean): string {
  const account = text(record['recipientAccountId']) || text(envelope['account']) || text(identity?.['accountId']);
  if (/^\d{12}$/.test(account)) return account;
  if (fragment) return account.slice(0, 64) || 'unknown';
  throw new FieldProblem(join(path, 'recipientAccountId'), account === '' ? 'is missing' : 'must be 12 digits');
}

function channelOf(record: Members, facts: JsonObject): Alert['channel'] {
  const eventType = facts['eventType'];
  const agent = text(record['userAgent']);
  if (eventType === 'AwsConsoleSignIn' || eventType === 'AwsConsoleAction' || record['sessionCredentialFromConsole'] === 'true' || record['sessionCredentialFromConsole'] === true || facts['invokedBy'] === 'signin.amazonaws.com') return 'console';
  if (eventType === 'AwsServiceEvent' || facts['userType'] === 'AWSService' || /\.amazonaws\.com(\.cn)?$/.test(String(facts['invokedBy']))) return 'service';
  if (/^(console|signin)\.|^\[?S3Console/.test(agent)) return 'console';
  return eventType === 'AwsApiCall' || eventType === '' ? 'api' : 'unknown';
}
