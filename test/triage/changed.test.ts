import { changedIdentities } from '../../playbook/triage/changed';
import { account, alertOf } from '../aws-investigate/support';

const aws = (event: string, request: object, over: object = {}) => changedIdentities(alertOf({ event, facts: { request: request as never, readOnly: false }, target: null, ...over })).map(({ subject }) => subject);
const entra = (...targets: object[]) => changedIdentities(alertOf({ provider: 'azure', source: 'entra-audit', service: 'Core Directory', facts: { targets: targets as never } })).map(({ subject }) => subject);

test('an IAM change names whose rights it changes; of a group or a policy it may be anybody’s', () => {
  expect(aws('AttachUserPolicy', { userName: 'Dana', policyArn: 'x' })).toEqual(['dana']);
  expect(aws('PutRolePolicy', { roleName: 'app' })).toEqual(['app']);
  expect(aws('AttachGroupPolicy', { groupName: 'admins', policyArn: 'x' })).toEqual([null]);
  expect(aws('CreatePolicyVersion', { policyArn: 'x' })).toEqual([null]);
  expect(aws('CreateAccessKey', {}, { target: { kind: 'user', id: `arn:aws:iam::${account}:user/team/Ada`, account } })).toEqual(['ada']);
});

test('a read, a failed call and another service change nobody’s rights', () => {
  expect(aws('GetUser', { userName: 'dana' }, { facts: { readOnly: true, request: { userName: 'dana' } } })).toEqual([]);
  expect(aws('AttachUserPolicy', { userName: 'dana' }, { outcome: 'failure' })).toEqual([]);
  expect(aws('RunInstances', { userName: 'dana' }, { service: 'ec2.amazonaws.com' })).toEqual([]);
  expect(aws('AttachUserPolicy', { userName: 'dana' }, { source: 'guardduty' })).toEqual([]);
});

test('Entra and Azure', () => {
  expect(entra({ type: 'User', id: 'AAA' }, { type: 'Role', id: 'r' })).toEqual(['aaa']);
  expect(entra({ type: 'Group', id: 'g' })).toEqual([null]);
  expect(changedIdentities(alertOf({ source: 'azure-activity', event: 'Microsoft.Authorization/roleAssignments/write' }))).toMatchObject([{ subject: null }]);
  expect(changedIdentities(alertOf({ source: 'azure-activity', event: 'Microsoft.Compute/virtualMachines/write' }))).toEqual([]);
});
