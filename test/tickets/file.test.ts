import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../activities/boundary';
import { createRegisters, type RegistersConfig } from '../../activities/registers';
import { fileTickets } from '../../activities/tickets';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tourniquet-tickets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const query = { who: [], targets: [], from: '2026-03-01T00:00:00.000Z', until: '2026-03-03T00:00:00.000Z' };
const failure = (promise: Promise<unknown>) => promise.then(() => ({ code: 'no error', message: '' }), (error: Error) => ({ code: codeOf(error), message: error.message }));

const yaml = `
changes:
  - id: CHG-1
    state: approved
    who: [ada]
    what: [CreateUser]
    targets: [build-bot]
    from: 2026-03-02T08:00:00+01:00
    until: 2026-03-02T10:00:00Z
  - { id: CHG-2, state: open, who: [ben], what: [CreateUser], targets: [], from: "2024-01-01T00:00:00Z", until: "2024-01-02T00:00:00Z" }
`;

describe('changes in a file', () => {
  it('are those whose window is near, in UTC, with the place they stand at', async () => {
    const path = join(folder, 'changes.yaml');
    await writeFile(path, yaml);
    expect(await fileTickets(path, folder).changesFor(query)).toEqual([
      { id: 'CHG-1', state: 'approved', who: ['ada'], what: ['CreateUser'], targets: ['build-bot'], from: '2026-03-02T07:00:00.000Z', until: '2026-03-02T10:00:00.000Z', source: 'file:changes.yaml#1' },
    ]);
  });
  it('are read anew each time, JSON too', async () => {
    const path = join(folder, 'changes.json');
    const tickets = fileTickets(path, folder);
    await writeFile(path, '{"changes":[]}');
    expect(await tickets.changesFor(query)).toEqual([]);
    await writeFile(path, JSON.stringify({ changes: [{ id: 'a', state: 'approved', who: ['x'], what: ['y'], targets: ['z'], from: query.from, until: query.until }] }));
    expect(await tickets.changesFor(query)).toHaveLength(1);
  });
  it.each([
    ['missing', null, /ENOENT/],
    ['no YAML', 'changes: [', /not YAML/],
    ['another shape', 'changes: [{id: x, state: maybe}]', /changes\.0\.state/],
    ['no window', 'changes: [{id: x, state: open, who: [a], what: [b], targets: [], from: soon, until: later}]', /changes\.0\.from/],
    ['an alias bomb', `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nchanges: [*c,*c,*c]`, /not YAML/],
  ])('%s: TICKETS_UNAVAILABLE, with the reason', async (_name, text, reason) => {
    const path = join(folder, 'changes.yaml');
    if (text !== null) await writeFile(path, text);
    const { code, message } = await failure(fileTickets(path, folder).changesFor(query));
    expect(code).toBe('TICKETS_UNAVAILABLE');
    expect(message).toMatch(reason);
    expect(message).not.toContain(folder);
  });
  it('tasks become files, once', async () => {
    const tickets = fileTickets(join(folder, 'x.yaml'), join(folder, 'tasks'));
    const { reference } = await tickets.openTask({ key: '../../k', title: 'Do it', instructions: ['one'] });
    expect(await tickets.openTask({ key: '../../k', title: 'Do it again', instructions: [] })).toEqual({ reference });
    const [name] = await readdir(join(folder, 'tasks'));
    expect(reference).toBe(`file:${name!.replace('.json', '')}`);
    expect(JSON.parse(await readFile(join(folder, 'tasks', name!), 'utf8'))).toMatchObject({ title: 'Do it' });
    expect((await stat(join(folder, 'tasks', name!))).mode & 0o777).toBe(0o600);
    await writeFile(join(folder, 'file'), '');
    expect((await failure(fileTickets('x', join(folder, 'file')).openTask({ key: 'k', title: '', instructions: [] }))).code).toBe('TICKETS_UNAVAILABLE');
  });
});

describe('registers', () => {
  const use = { id: 'monthly-billing', principal: 'arn:aws:iam::111111111111:root', events: ['ConsoleLogin'], from: [], owner: 'ada', expires: '2027-01-01T00:00:00Z', document: 'https://wiki/root' };
  const empty: RegistersConfig = { knownUses: [], rotations: [], authorizedAdmins: [], automations: [] };
  it('say where each line was read', () => {
    const { knownUses, rotations, authorizedAdmins, automations } = createRegisters({
      knownUses: [use], rotations: [{ principal: 'arn:x', by: ['ada'], window: null }], authorizedAdmins: ['a', 'b'], automations: ['c'],
    }).documents();
    expect(knownUses[0]).toEqual({ ...use, source: 'register:known-uses#monthly-billing' });
    expect(rotations[0]!.source).toBe('register:rotations#1');
    expect(authorizedAdmins[1]).toEqual({ identity: 'b', source: 'register:authorized-admins#2' });
    expect(automations[0]).toEqual({ identity: 'c', source: 'register:automations#1' });
  });
  it.each([
    [{ knownUses: [{ ...use, owner: ' ' }] }, /knownUses\[0\]\.owner/],
    [{ knownUses: [use, { ...use, expires: 'never' }] }, /knownUses\[1\]\.expires/],
    [{ rotations: [{ principal: 'x', by: [], window: { from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' } }] }, /rotations\[0\]\.window/],
  ])('refuse what is not documented: %#', (config, reason) => {
    expect(() => createRegisters({ ...empty, ...config })).toThrow(reason);
  });
});
