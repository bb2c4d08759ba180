import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsProvider } from '../../activities/aws';
import { azureProvider } from '../../activities/azure';
import { catalogue } from '../../playbook/catalogue';
import { checklist } from '../../playbook/checklist';
import { coverage, type Carried } from '../../playbook/coverage';
import { actionsPage, coveragePage } from '../../playbook/docs';
import { RISK_TABLE } from '../../playbook/risk-table';
import { configJsonSchema } from '../../workers/config/load';

const top = join(__dirname, '../..');
const committed = (path: string): string => readFileSync(join(top, path), 'utf8');

const problemsOf = (carried: Carried): string[] => [
  ...(carried.files.length > 0 ? [] : ['no file']),
  ...(carried.tests.length > 0 ? [] : ['no test']),
  ...[...carried.files, ...carried.tests].filter((path) => !existsSync(join(top, path))).map((path) => `${path} does not exist`),
  ...carried.tests.filter((path) => !/^test\/.*\.test\.ts$/.test(path)).map((path) => `${path} is no test`),
];

test.each(coverage.map((one) => [one.id, one] as const))('row %s has a file and a test that exist', (_id, one) => {
  expect([...problemsOf(one.aws), ...problemsOf(one.azure)]).toEqual([]);
});

test('a row that names nothing, or what is not there, is found', () => {
  expect(problemsOf({ files: [], tests: [] })).toEqual(['no file', 'no test']);
  expect(problemsOf({ files: ['playbook/coverage.ts'], tests: ['test/docs/gone.test.ts'] })).toEqual(['test/docs/gone.test.ts does not exist']);
  expect(problemsOf({ files: ['playbook/coverage.ts'], tests: ['playbook/docs.ts'] })).toEqual(['playbook/docs.ts is no test']);
});

test('every row of the playbook is there, once', () => {
  const ids = coverage.map((one) => one.id);
  expect(ids.length).toBe(new Set(ids).size);
  const count = (prefix: string): number => ids.filter((id) => id.startsWith(`${prefix}.`)).length;
  expect(Object.fromEntries(['1.1', '1.2', '1.3', '2.1', '2.2', '3', '4', '5', '6', 'sigma'].map((prefix) => [prefix, count(prefix)])))
    .toEqual({ '1.1': 9, '1.2': 8, '1.3': 6, '2.1': 5, '2.2': 6, '3': 6, '4': 7, '5': 6, '6': 6, sigma: 2 });
  for (const row of [...RISK_TABLE.map((one) => one.row).filter((id) => id !== 'trigger'), ...checklist.map((one) => one.id.split('-')[0]!), ...Object.values(catalogue).map((one) => one.row)]) expect(ids).toContain(row);
});

test('every action of the catalogue is carried out by a file that its row names', () => {
  const named = coverage.flatMap((one) => [one.aws, one.azure].flatMap((carried) => carried.files));
  expect(Object.keys(catalogue).filter((id) => !named.some((path) => path.endsWith(`/${id.split('.')[1]}.ts`)))).toEqual([]);
  for (const id of Object.keys(catalogue)) expect(committed('docs/actions.md')).toContain(`\`${id}\``);
});

test('the committed pages are what the code says (else: npm run build && node scripts/docs.mjs)', () => {
  expect(committed('docs/actions.md')).toBe(actionsPage([...awsProvider.actions, ...azureProvider.actions]));
  expect(committed('docs/coverage.md')).toBe(coveragePage());
  expect(committed('docs/tourniquet.schema.json')).toBe(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
});

test('an action without code is no page', () => expect(() => actionsPage([])).toThrow('has no code'));
