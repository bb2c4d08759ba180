import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { mappingSchema } from '../../intake/mapping';
import { SOURCES } from '../../intake/sources';
import { parseConfig } from '../../workers/config/load';
import { EXAMPLES } from './examples';

describe('every source', () => {
  const docs = readFileSync(join(__dirname, '../../docs/sources.md'), 'utf8');
  test.each(SOURCES.map(({ id }) => id))('%s has a row and a way to connect it in docs/sources.md, and an example here', (id) => {
    expect(docs).toContain(`| \`${id}\` |`);
    const [, connect] = new RegExp(`^\\| \`${id}\` \\|(?:[^|\\n]*\\|){2}([^|\\n]+)\\|$`, 'm').exec(docs) ?? [];
    expect(connect?.trim()).toMatch(/\]\((#[\w-]+|\.\.\/deploy\/[\w./-]+)\)/);
    for (const [, anchor] of connect!.matchAll(/\]\(#([\w-]+)\)/g)) expect(docs.split('\n').filter((line) => /^#{2,4} /.test(line)).map((line) => line.replace(/^#+ /, '').toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'))).toContain(anchor);
    for (const [, path] of connect!.matchAll(/\]\(\.\.\/(deploy\/[\w./-]+)\)/g)) expect(() => readFileSync(join(__dirname, '../..', path!))).not.toThrow();
    expect(EXAMPLES.map(([, source]) => source)).toContain(id);
  });
});

const text = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

test('each yaml block of docs/sources.md is a configuration that holds', () => {
  const example = parse(text('tourniquet.example.yaml')) as { intake: object };
  const blocks = [...text('docs/sources.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => parse(block!) as { intake: object });
  expect(blocks.length).toBeGreaterThan(2);
  for (const { intake } of blocks) expect(() => parseConfig(JSON.stringify({ ...example, intake: { ...example.intake, ...intake } }))).not.toThrow();
});

test('the mapping file holds', () => {
  for (const mapping of Object.values(parse(text('deploy/siem/mappings.yaml')) as object)) expect(mappingSchema.safeParse(mapping).success).toBe(true);
});

test.each(['event-hub', 'activity-log', 'entra-logs', 'cost-alerts'])('deploy/azure/%s.json is a template whose parameters are declared and used', (name) => {
  const template = JSON.parse(text(`deploy/azure/${name}.json`)) as { $schema: string; parameters: object; resources: { type: string; apiVersion: string; name: string }[] };
  expect(template.$schema).toMatch(/^https:\/\/schema\.management\.azure\.com\/schemas\/20\d\d-\d\d-\d\d\/(tenant|subscription)?[dD]eploymentTemplate\.json#$/);
  for (const one of template.resources) expect([one.type, one.apiVersion, one.name].every((part) => part.length > 0)).toBe(true);
  const used = new Set([...JSON.stringify(template.resources).matchAll(/parameters\('(\w+)'\)/g)].map(([, used]) => used!));
  expect([...used].filter((one) => !Object.hasOwn(template.parameters, one))).toEqual([]);
  expect(Object.keys(template.parameters).filter((one) => !used.has(one))).toEqual([]);
});

test('the addresses that SIEMs post to are sources', () => {
  for (const file of ['deploy/siem/splunk-savedsearches.conf', 'deploy/siem/elastic-connector.json']) for (const [, id] of text(file).matchAll(/\/alerts\/([\w-]+)/g)) expect(SOURCES.map((source) => source.id)).toContain(id);
});
