import { join } from 'node:path';
import { loadConfig } from '../../workers/config/load';
import { roles, type RoleName } from '../../workers/roles';
import { environmentOf } from '../../workers/roles/environment';

const config = loadConfig(join(__dirname, '../../tourniquet.example.yaml'));
const cloud = { AWS_ACCESS_KEY_ID: 'base', AWS_SECRET_ACCESS_KEY: 'base-secret', AWS_SESSION_TOKEN: 'base-token', AZURE_FEDERATED_TOKEN_FILE: '/token', IDENTITY_ENDPOINT: 'http://identity' };
const secrets = Object.fromEntries(['TOURNIQUET_ENCRYPTION_KEY', 'EVENTBRIDGE_SENDER_KEY', 'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SMTP_URL', 'CONSOLE_TOKEN', 'TOURNIQUET_PASSKEY_KEY', 'PAGERDUTY_ROUTING_KEY', 'VAULT_ROLE_ID', 'SERVICENOW_PASSWORD'].map((name) => [name, `value of ${name}`]));
const common = { PATH: '/bin', HOME: '/home/x', AWS_REGION: 'eu-central-1', NODE_EXTRA_CA_CERTS: '/ca.pem' };
const shell = { ...common, ...cloud, ...secrets };
const held = (role: RoleName, settings = config, env: NodeJS.ProcessEnv = shell): string[] =>
  Object.keys(environmentOf(role, settings, env)).filter((name) => !(name in common) && name !== 'TOURNIQUET_ENCRYPTION_KEY').sort();
const inFolder = { ...config, evidence: { kind: 'folder' as const, path: '/evidence' } };
const inS3 = { ...config, evidence: { kind: 's3' as const, bucket: 'evidence', region: 'eu-central-1', prefix: 'x/', endpoint: null } };
const AWS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

test.each<[RoleName, string[]]>([
  ['workflows', []],
  ['case', ['PAGERDUTY_ROUTING_KEY', 'SERVICENOW_PASSWORD', 'SLACK_BOT_TOKEN', 'SMTP_URL']],
  ['aws', AWS],
  ['break-glass', [...AWS, 'TOURNIQUET_PASSKEY_KEY', 'VAULT_ROLE_ID']],
  ['intake', ['EVENTBRIDGE_SENDER_KEY']],
  ['slack', ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET']],
  ['console', ['CONSOLE_TOKEN', 'TOURNIQUET_PASSKEY_KEY']],
])('%s has its own secrets and no other’s', (role, own) => expect(held(role, inFolder)).toEqual(own));

test.each(Object.keys(roles) as RoleName[])('%s has what is no secret, and the payload key', (role) =>
  expect(environmentOf(role, inFolder, shell)).toMatchObject({ ...common, TOURNIQUET_ENCRYPTION_KEY: secrets['TOURNIQUET_ENCRYPTION_KEY'] }));

test('every secret that the example names reaches some role', () => {
  const given = new Set((Object.keys(roles) as RoleName[]).flatMap((role) => Object.keys(environmentOf(role, config, shell))));
  expect(Object.keys(secrets).filter((name) => !given.has(name))).toEqual([]);
});

describe('evidence in S3', () => {
  const env = { ...shell, EVIDENCE_AWS_ACCESS_KEY_ID: 'evidence', EVIDENCE_AWS_SECRET_ACCESS_KEY: 'evidence-secret' };

  test.each<RoleName>(['case', 'intake', 'console'])('%s has the credential for evidence, never the responder’s', (role) => {
    const given = environmentOf(role, inS3, env);
    expect(given).toMatchObject({ AWS_ACCESS_KEY_ID: 'evidence', AWS_SECRET_ACCESS_KEY: 'evidence-secret' });
    expect(given).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(Object.keys(given).filter((name) => name.startsWith('EVIDENCE_'))).toEqual([]);
  });

  test.each<RoleName>(['aws', 'break-glass'])('%s keeps the responder’s own', (role) => expect(environmentOf(role, inS3, env)).toMatchObject({ AWS_ACCESS_KEY_ID: 'base' }));

  test.each<RoleName>(['slack', 'workflows'])('%s still has none', (role) => expect(held(role, inS3, env).filter((name) => name.includes('AWS'))).toEqual([]));

  test('where there is only one credential, it serves for evidence too', () => expect(held('case', inS3)).toEqual(expect.arrayContaining(AWS)));
});
