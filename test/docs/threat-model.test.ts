import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const docs = join(__dirname, '..', '..', 'docs');
const page = readFileSync(join(docs, 'threat-model.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| (?!threat \|)/.test(line));
/** `[name](../test/…)`, then “title”, “title”: of that file, or of another that the row names; `…` in a title stands for what is left out. */
const FILE = /\]\((\.\.\/test\/[\w/.-]+\.ts)\)/g;
const TITLE = /“([^”]+)”/g;

const testsOf = (row: string): string => row.split(' | ').at(-1)!;
const filesOf = (row: string): string[] => [...testsOf(row).matchAll(FILE)].map(([, file]) => join(docs, file!));
const named = rows.flatMap((row) => [...testsOf(row).matchAll(TITLE)].map(([, title]) => ({ threat: row.split('|')[1]!.trim(), title: title!, files: filesOf(row) })));
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** As a test’s or a suite’s own name, also behind a table. */
const asName = (title: string): RegExp => new RegExp(`(?:(?:test|it|describe)(?:\\.each)?[^\\n]*|^\\s*\\]\\)\\()(['"\`])${title.split('…').map((part) => escaped(part.trim())).join('.*')}.*?\\1`, 'm');

/** A threat that cannot arise here says why, instead. */
const notHere = (row: string): boolean => row.split('|')[2]!.trim().startsWith('does not apply: ');

test('every threat names a test, or says why it does not apply', () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows.filter((one) => !notHere(one))) expect([row, filesOf(row).length]).not.toEqual([row, 0]);
});

test('every file that is named exists', () => {
  for (const file of rows.flatMap(filesOf)) expect([file, existsSync(file)]).toEqual([file, true]);
});

test.each(named)('$threat: “$title” is a test of a file that the row names', ({ title, files }) => {
  expect(files.filter((file) => asName(title).test(readFileSync(file, 'utf8')))).not.toEqual([]);
});
