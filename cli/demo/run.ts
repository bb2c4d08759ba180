import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { scenarios, snapshot } from '../../sandbox/aws';
import { attack as attackAzure } from '../../sandbox/azure';
import { checkAzure } from './azure/checks';
import { deliverAzure } from './azure/deliver';
import { answer, openQuestions } from './answers';
import { checkAll, type Check } from './checks';
import { asPerson, keyFile } from './command';
import { deliverAws, type Played } from './deliver';
import { playFederated } from './federated';
import { openHouse, type House } from './house';
import { incidentsOf, Live } from './live';
import { peopleScenarios } from './people-scenarios';
import { isAzure, needsAzure, stories, type AttackName, type ScenarioName } from './scenarios';

export interface DemoOptions {
  scenario: ScenarioName;
  auto: boolean;
  watch: string;
  keep: boolean;
  folder: string;
  say(line: string): void;
}

const LOOK_MS = 300;
/** A person looks at an open task again. */
const AGAIN_MS = 20_000;
/** A demo that does not end by itself says so. */
const PATIENCE_MS = 12 * 60_000;

export async function runDemo(options: DemoOptions): Promise<Check[]> {
  const { say } = options;
  const folder = resolve(options.folder, options.scenario);
  await rm(folder, { recursive: true, force: true });
  const house = await openHouse({ folder, say, lagMs: 1_500, azure: needsAzure(options.scenario), times: { watch: options.watch, watchEvery: '4s', lookAgainAfter: ['5s', '30s'], approvals: options.auto ? '5m' : '4h' } });
  const leave = (): void => void house.stop().then(() => process.exit(130));
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  try {
    say('');
    say(`Slack:       ${house.slack.url}`);
    say(`Temporal UI: ${house.temporal.uiUrl}`);
    say(`Console:     ${house.console}  (token ${house.secrets['CONSOLE_TOKEN']})`);
    if (!options.auto) for (const person of ['mia', 'cleo']) say(`Passkey of ${person}: register it once at ${await house.passkeys.invite(person)}`);
    say('');
    return await play(house, options);
  } finally {
    if (options.keep) await stayUp(say);
    process.off('SIGINT', leave);
    process.off('SIGTERM', leave);
    await house.stop();
  }
}

async function playAttack(house: House, { scenario, say }: DemoOptions & { scenario: AttackName }): Promise<Played> {
  if (isAzure(scenario)) {
    const { azure } = house.azure!;
    const before = azure.snapshot();
    const attack = await attackAzure(azure, scenario);
    return { ...attack, deliver: () => deliverAzure(house, attack, say), check: () => checkAzure(house, attack, before) };
  }
  if (scenario === 'federated') return playFederated(house, say);
  const before = await snapshot(house.aws, house.world);
  const attack = await scenarios[scenario](house.aws, house.world);
  return { ...attack, deliver: () => deliverAws(house, attack, say), check: () => checkAll(house, attack, before) };
}

async function play(house: House, options: DemoOptions): Promise<Check[]> {
  const { say, scenario } = options;
  if (scenario in peopleScenarios) {
    const { story, play: playPeople } = peopleScenarios[scenario as keyof typeof peopleScenarios];
    say(`Story: ${story}`);
    const checks = await playPeople(house, options);
    sayChecks(checks, say);
    return checks;
  }
  return playIncident(house, { ...options, scenario: scenario as AttackName });
}

async function playIncident(house: House, options: DemoOptions & { scenario: AttackName }): Promise<Check[]> {
  const { say, scenario } = options;
  say(`Attack: ${stories[scenario]}`);
  const attack = await playAttack(house, options);
  say(`Attack: ${attack.events.length} events, from ${attack.sourceIp}`);
  const since = Date.now();
  const stopStream = await attack.deliver();
  try {
    await followUntilClosed(house, options, new Live(house.evidence, since, say));
    return await report(house, await attack.check(), options);
  } finally {
    stopStream();
  }
}

async function followUntilClosed(house: House, options: DemoOptions, live: Live): Promise<void> {
  const { say } = options;
  const end = Date.now() + PATIENCE_MS;
  const told = new Set<string>();
  const acted = new Map<string, number>();
  let undoAsked = false;
  for (;;) {
    await live.look();
    const incidents = await incidentsOf(house.client);
    const open = incidents.filter((one) => one.running);
    if (incidents.length > 0 && open.length === 0) break;
    if (options.auto && Date.now() > end) throw new Error(`the incident is not closed after ${PATIENCE_MS / 60_000} minutes: ${open.map((one) => `${one.id} is in ${one.status?.phase ?? 'an unknown phase'}`).join(', ')}`);
    if (options.scenario === 'wrong-person' && !undoAsked && open.some((one) => one.status?.times.contained)) {
      undoAsked = true;
      if (options.auto) await askUndo(house, open[0]!.id, say);
      else say(`Contained. It was meant; undo it with:\n  npx tourniquet --config ${house.configFile} incident undo ${open[0]!.id} --as ben --key ${keyFile(house.folder, 'ben')} --reason "change filed late"`);
    }
    for (const question of await openQuestions(house)) {
      if (!told.has(question.id)) {
        told.add(question.id);
        say(`          ☎ waiting for ${question.quorum} approval${question.quorum > 1 ? 's' : ''} (${question.tier}): ${question.title}\n            ${house.slack.url}`);
      }
      if (question.unconfirmed.length > 0 && !told.has(`${question.id}/factor`)) {
        told.add(`${question.id}/factor`);
        say(`          🔑 ${question.waitingFor}\n            ${house.console}/confirm/${question.id}`);
      }
      if (options.auto && (options.scenario !== 'wrong-person' || question.title.startsWith('Undo'))) await answer(house, question, 'approve', say);
    }
    actAsPeople(house, open, acted, say);
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  await live.look();
}

/** What only people can do at the console; the cloud’s own record then proves it. Done again while it is not proven: containment that follows takes away whatever was registered before the account was shut. */
function actAsPeople(house: House, open: Awaited<ReturnType<typeof incidentsOf>>, acted: Map<string, number>, say: (line: string) => void): void {
  for (const task of open.flatMap((one) => one.status?.humanTasks ?? [])) {
    const last = acted.get(task.reference);
    if (task.done || (last !== undefined && Date.now() - last < AGAIN_MS)) continue;
    acted.set(task.reference, Date.now());
    if (/MFA|hardware key/i.test(task.title)) enrolKey(house);
    else if (/password/i.test(task.title)) changePassword(house);
    else continue;
    say(`A person did ${last === undefined ? '' : 'once more '}at the console what only a person can: ${task.title}`);
  }
}

function enrolKey({ azure, aws, world }: House): void {
  if (azure) azure.azure.console.registerKey(azure.azure.world.dana.id);
  else aws.enableRootMfa(world.production.account);
}

function changePassword({ azure, aws, world }: House): void {
  if (azure) azure.azure.console.changePassword(azure.azure.world.dana.id, azure.azure.world.emergency.id);
  else aws.recordPasswordUpdated(world.production.account);
}

/** Through the real command, as a person would. */
async function askUndo(house: House, incident: string, say: (line: string) => void): Promise<void> {
  await asPerson(house, 'ben', ['incident', 'undo', incident, '--reason', 'Ada was asked to; the change was filed late']);
  say(`$ tourniquet incident undo ${incident} --as ben --reason "…"`);
}

async function report(house: House, checks: Check[], options: DemoOptions): Promise<Check[]> {
  sayChecks(checks, options.say);
  for (const caseKey of await house.evidence.cases()) options.say(`Report: npx tourniquet --config ${house.configFile} incident report ${caseKey}`);
  return checks;
}

function sayChecks(checks: readonly Check[], say: (line: string) => void): void {
  say('');
  say('Asked of the emulator, the vault and the evidence store themselves:');
  for (const check of checks) say(`  ${check.ok ? '✓' : '✗'} ${check.what}${check.seen ? ` — ${check.seen}` : ''}`);
  say('');
}

async function stayUp(say: (line: string) => void): Promise<void> {
  say('Everything stays up; Ctrl-C ends it.');
  await new Promise(() => undefined);
}
