import { cloudtrail } from '../../intake/cloudtrail';
import type { Alert } from '../../playbook/model/alert';
import type { Documents } from '../../playbook/triage/inputs';

export const ACCOUNT = '210987654321';
export const OTHER = '998877665544';

type Record_ = Record<string, unknown>;

export const userIdentity = (name = 'mallory'): Record_ => ({
  type: 'IAMUser', principalId: 'AIDAQ3EGRYKZ7EXAMPLE1', arn: `arn:aws:iam::${ACCOUNT}:user/${name}`, accountId: ACCOUNT, accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE', userName: name,
});
export const rootIdentity = (more: Record_ = {}): Record_ => ({ type: 'Root', principalId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT, ...more });
export const roleIdentity = (role = 'deployer', session = 'ci-42', more: Record_ = {}): Record_ => ({
  type: 'AssumedRole', principalId: `AROAQ3EGRYKZ7EXAMPLE2:${session}`, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`, accountId: ACCOUNT, accessKeyId: 'ASIAQ3EGRYKZ7EXAMPLE',
  sessionContext: { sessionIssuer: { type: 'Role', principalId: 'AROAQ3EGRYKZ7EXAMPLE2', arn: `arn:aws:iam::${ACCOUNT}:role/${role}`, accountId: ACCOUNT, userName: role }, attributes: { creationDate: '2026-03-02T08:00:00Z', mfaAuthenticated: 'false' } },
  ...more,
});

/** A whole CloudTrail record, as the service writes it (record version 1.11). */
export function record(service: string, eventName: string, requestParameters: unknown = null, more: Record_ = {}): Record_ {
  return {
    eventVersion: '1.11', userIdentity: userIdentity(), eventTime: '2026-03-02T09:15:30Z', eventSource: `${service}.amazonaws.com`, eventName, awsRegion: 'eu-central-1', sourceIPAddress: '203.0.113.77',
    userAgent: 'aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1 lang/python#3.11.8', requestParameters, responseElements: null, requestID: 'f3b1c7d2-3f5a-4c1d-9a60-5b7f2b9f3e10',
    eventID: '6a0f5d3e-95d4-4e0b-8a4c-0b6f7a3c2d11', readOnly: false, eventType: 'AwsApiCall', managementEvent: true, recipientAccountId: ACCOUNT, eventCategory: 'Management', ...more,
  };
}

export function parsed(raw: unknown): Alert {
  const [first] = cloudtrail.parse(raw);
  if (!first || !('alert' in first)) throw new Error(JSON.stringify(first));
  return first.alert;
}

export const alertOf = (service: string, eventName: string, request: unknown = null, more: Record_ = {}): Alert => parsed(record(service, eventName, request, more));

export const signIn = (identity: Record_, additional: Record_, result: 'Success' | 'Failure' = 'Success'): Alert =>
  alertOf('signin', 'ConsoleLogin', null, {
    userIdentity: identity, eventType: 'AwsConsoleSignIn', responseElements: { ConsoleLogin: result }, additionalEventData: { LoginTo: 'https://console.aws.amazon.com/console/home', MobileVersion: 'No', ...additional },
    ...(result === 'Failure' ? { errorMessage: 'Failed authentication' } : {}),
  });

export const noDocuments = (more: Partial<Documents> = {}): Documents => ({ changes: [], knownUses: [], rotations: [], authorizedAdmins: [], automations: [], people: {}, unreadable: [], ...more });
export const policy = (...statements: Record_[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
export const NOW = '2026-03-02T09:20:00.000Z';
