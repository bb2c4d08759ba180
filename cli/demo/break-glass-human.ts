import { randomBytes } from 'node:crypto';
import { personalQuery, type PersonalResult, type PersonalView } from '../../workflows/break-glass-person/messages';
import { answer, openQuestions } from './answers';
import type { Check } from './checks';
import { asPerson } from './command';
import type { House } from './house';
import { leaks } from './leaks';
import { Live } from './live';

const NAME = 'root-management';
const LOOK_MS = 300;
const PATIENCE_MS = 4 * 60_000;

/** Ada needs root's password of the management account: no API takes it, so it is lent to her, and nobody else ever sees it. */
export async function playBreakGlassHuman(house: House, { auto, say }: { auto: boolean; say(line: string): void }): Promise<Check[]> {
  const account = house.world.management.account;
  const passwords = [`Old-${randomBytes(18).toString('base64url')}`, `New-${randomBytes(18).toString('base64url')}`];
  await house.vault.putPersonal(NAME, { username: 'root@example.com', password: passwords[0]! });
  if (!auto) say(`Passkey of ada: register it once at ${await house.passkeys.invite('ada')}`);
  const id = await request(house, say);
  const live = new Live(house.evidence, Date.now(), say);
  const handle = house.client.workflow.getHandle(id);
  const view = (): Promise<PersonalView> => handle.query(personalQuery);

  await waitFor(house, auto, say, live, async () => (await view()).status !== 'asked');
  if (auto) {
    await house.passkeys.of('ada');
    const stranger = await house.passkeys.claim('ben', id).then(() => 'SHOWN', (error: Error) => error.message);
    say(`ben tries ada’s page with his own passkey: ${stranger}`);
    const shown = await house.passkeys.claim('ada', id);
    say(`ada’s page shows the credential to her passkey, once: ${Object.keys(shown).join(', ')}`);
    const again = await house.passkeys.claim('ada', id).then(() => 'SHOWN', (error: Error) => error.message);
    say(`ada tries a second time: ${again}`);
    say('ada does not give it back: the end of its time is waited for');
    await waitFor(house, auto, say, live, async () => (await view()).status === 'changing');
    const returned = (await house.vault.inspect(`people.${NAME}`)).lock?.['state'];
    await changeAsPeople(house, passwords[1]!, account, say);
    const result = (await handle.result()) as PersonalResult;
    await live.look();
    return checks(house, { result, stranger, shown: shown['password'] === passwords[0], again, returned: String(returned), passwords });
  }
  say(`Approved. Open it as ada, with her passkey:\n  ${house.console}/claim/${id}`);
  await waitFor(house, auto, say, live, async () => ['changing', 'ended'].includes((await view()).status));
  await changeAsPeople(house, passwords[1]!, account, say);
  const result = (await handle.result()) as PersonalResult;
  return checks(house, { result, stranger: null, shown: null, again: null, returned: null, passwords });
}

/** Through the real command, as a person would. */
async function request(house: House, say: (line: string) => void): Promise<string> {
  const words = ['break-glass', 'request', '--credential', NAME, '--reason', 'close the root support case', '--for', '20s', '--as', 'ada'];
  say(`$ tourniquet ${words.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ')}`);
  const text = await asPerson(house, 'ada', ['--json', ...words]);
  return (JSON.parse(text) as { id: string }).id;
}

async function waitFor(house: House, auto: boolean, say: (line: string) => void, live: Live, look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  const told = new Set<string>();
  while (!(await look())) {
    if (auto && Date.now() > end) throw new Error(`nothing moves for ${PATIENCE_MS / 60_000} minutes`);
    await live.look();
    for (const question of await openQuestions(house)) {
      if (!told.has(question.waitingFor)) say(`          ☎ ${question.title}: ${question.waitingFor}\n            ${question.unconfirmed.length > 0 ? `${house.console}/confirm/${question.id}` : house.slack.url}`);
      told.add(question.waitingFor);
      if (auto) await answer(house, question, 'approve', say);
    }
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  await live.look();
}

/** What only people can do: the new one into the vault, then at the cloud's own page. */
async function changeAsPeople(house: House, password: string, account: string, say: (line: string) => void): Promise<void> {
  await house.vault.putPersonal(NAME, { username: 'root@example.com', password });
  house.aws.recordPasswordUpdated(account);
  say('A custodian put a new password into the vault, and a person set it at the AWS console');
}

async function checks(house: House, seen: { result: PersonalResult; stranger: string | null; shown: boolean | null; again: string | null; returned: string | null; passwords: string[] }): Promise<Check[]> {
  const { result, passwords } = seen;
  const { lock, currentVersion, liveVersions } = await house.vault.inspect(`people.${NAME}`);
  const leaked = await leaks(house, passwords);
  const evidence = await Promise.all((await house.evidence.cases()).map((one) => house.evidence.verify(one)));
  return [
    ...(seen.shown === null ? [] : [
      { what: 'ada’s page showed the credential that the vault held', ok: seen.shown, seen: '' },
      { what: 'ben’s passkey showed nothing on the same page', ok: seen.stranger !== 'SHOWN', seen: seen.stranger! },
      { what: 'it was shown once', ok: seen.again !== 'SHOWN', seen: seen.again! },
      { what: 'it was taken back at the end of its time', ok: seen.returned === 'returned', seen: seen.returned! },
    ]),
    { what: 'the change is proven by the cloud’s own record', ok: result.outcome === 'changed' && result.proof !== null, seen: `${result.outcome}, ${result.proof?.provenLoginAt ?? 'no proof'}` },
    { what: 'the version that was seen is destroyed, a newer one is in the vault', ok: currentVersion === 2 && liveVersions.join() === '2', seen: `version ${currentVersion}, readable: ${liveVersions.join(', ')}` },
    { what: 'the credential may be lent again', ok: lock?.['state'] === 'free', seen: String(lock?.['state']) },
    { what: 'no password can be read in any history, record, log, Slack message or audit log', ok: leaked.length === 0, seen: leaked.join(', ') || 'looked through all of them, decrypted' },
    { what: 'the record is whole', ok: evidence.length > 0 && evidence.every((one) => one.ok), seen: `${evidence.reduce((sum, one) => sum + one.entries, 0)} entries` },
  ];
}
