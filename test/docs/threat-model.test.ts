import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(__dirname, '..', '..', 'docs');
const page = readFileSync(join(docs, 'threat-model.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| (?!threat \|)/.test(line));
/** `[name](../test/…) “title”`; the title may be left out where the whole file is meant. */
const NAMED = /\]\((\.\.\/test\/[\w/.-]+\.ts)\)(?: “([^”]+)”)?/g;

const named = rows.flatMap((row) => [...row.matchAll(NAMED)].map(([, file, title]) => ({ threat: row.split('|')[1]!.trim(), file: file!, title: title ?? null })));

/** A threat that cannot arise here says why, instead. */
const notHere = (row: string): boolean => row.split('|')[2]!.trim().startsWith('does not apply: ');

test('every threat names a test, or says why it does not apply', () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows.filter((one) => !notHere(one))) expect([row, row.matchAll(NAMED).next().done]).toEqual([row, false]);
});

test.each(named)('$threat: $file “$title” exists', ({ file, title }) => {
  const path = join(docs, file);
  expect(existsSync(path)).toBe(true);
  if (title !== null) expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`(?:test|it)(?:\\.each)?[^\\n]*(['"\`])${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1|^\\s*\\]\\)\\((['"\`])${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\2`, 'm'));
});
