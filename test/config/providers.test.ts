import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { parseConfig, type ConfigError } from '../../workers/config/load';
import { azureConfig } from '../../workers/config/azure';
import { awsConfig, federationOf, incidentSettings } from '../../workers/config/settings';
import { examineAws } from '../../workers/doctor/aws';
import { ownDoing } from '../../workers/own';
import { rolesFor } from '../../workers/roles';
import { startAws } from '../../workers/roles/aws';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SELF = '21111111-2222-4333-8444-555555555555';
const { aws, jit: _jit, vault: _vault, ...shared } = parse(readFileSync(join(__dirname, '../../tourniquet.example.yaml'), 'utf8')) as Record<string, object>;
const vault = { address: 'https://vault.example:8200', roleId: { env: 'R' }, secretId: { env: 'S' } };
const azure = {
  tenants: [{ id: TENANT, name: 'northwind', clientId: TENANT, servicePrincipalId: SELF, credential: { kind: 'managed-identity' }, emergencyCredential: 'entra-emergency' }],
  budget: { monthlyUsd: 100, email: 'a@example.com' },
};
const problemsOf = (members: object): string => {
  try {
    parseConfig(stringify({ ...shared, ...members }));
    return '';
  } catch (error) {
    return (error as ConfigError).problems.join('\n');
  }
};

describe('Azure alone', () => {
  const config = parseConfig(stringify({ ...shared, azure, vault }));

  test('is a whole configuration: no AWS worker, the vault and Azure as ever', () => {
    expect(config.aws).toBeNull();
    expect(awsConfig(config)).toBeNull();
    expect(azureConfig(config)!.tenants).toHaveLength(1);
    const roles = rolesFor(config);
    expect(roles).toEqual(expect.arrayContaining(['workflows', 'case', 'azure', 'break-glass', 'intake']));
    expect(roles).not.toContain('aws');
  });

  test('settings, federation and the doctor know only the tenant', async () => {
    expect(incidentSettings(config).emergencyCredentials).toEqual({ [TENANT]: 'entra-emergency' });
    expect(federationOf(config)).toEqual({ tenant: TENANT, identityCenterAccount: null });
    expect(await examineAws(config)).toEqual([{ what: 'AWS', ok: true, text: 'not configured' }]);
    await expect(startAws(config)).rejects.toThrow(/aws: the AWS worker needs an account/);
  });

  test('its own application’s doing is known', async () => {
    const own = ownDoing(config, {} as never);
    const alert = (id: string) => ({ provider: 'azure', principal: { id }, session: null, time: '2026-03-02T09:00:00Z' }) as never;
    expect(await own(alert(SELF.toUpperCase()))).toMatchObject({ code: 'tourniquet-itself' });
    expect(await own(alert(TENANT))).toBeNull();
  });

  test('a role that is given in an AWS account has no account, and names the field', () => {
    const jit = { roles: [{ name: 'reader', who: ['ada'], max: '1h', in: [{ kind: 'aws-identity-center', account: '111122223333', permissionSet: 'arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef' }] }] };
    expect(problemsOf({ azure, vault, jit })).toMatch(/jit\.roles\.0\.in\.0\.account: no account 111122223333 in aws\.accounts/);
  });
});

test('AWS alone stays what it was', () => {
  const roles = rolesFor(parseConfig(stringify({ ...shared, aws, vault })));
  expect(roles).toContain('aws');
  expect(roles).not.toContain('azure');
});

test('neither is refused, with line and field', () => {
  expect(problemsOf({})).toMatch(/^tourniquet\.yaml:\d+: aws: neither aws nor azure is configured: at least one is needed$/m);
  const line = stringify(shared).split('\n').length;
  expect(problemsOf({ aws: null })).toMatch(new RegExp(`^tourniquet\\.yaml:${line}: aws: neither`, 'm'));
});

test('an emergency credential of a tenant needs a vault', () => expect(problemsOf({ azure })).toMatch(/vault: an account names an emergency credential and there is no vault/));
