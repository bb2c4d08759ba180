import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { benchApprovals } from './approvals';
import { awsCloud } from './aws';
import { azureCloud } from './azure';
import { benchContainment } from './containment';
import { openBenchHouse } from './house';
import { benchIntake } from './intake';
import { printPart, type Part } from './result';
import { benchStorm } from './storm';
import { benchStormOne } from './storm-one';
import { benchTriage } from './triage';

const PARTS = ['containment', 'containment-azure', 'intake', 'triage', 'approvals', 'storm', 'storm-one'] as const;

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
};

const partsOf = (text: string): string[] => {
  const names = text.split(',');
  for (const name of names) if (!(PARTS as readonly string[]).includes(name)) throw new InvalidArgumentError(`one or more of ${PARTS.join(', ')}`);
  return names;
};

interface Options { json?: string; rounds: number; alerts: number; only?: string[]; storm: boolean; questions: number }

async function main(): Promise<void> {
  const command = new Command('bench')
    .description('Measures Tourniquet against what it is built on, interleaved, on this machine (bench/README.md)')
    .option('--json <file>', 'write every number there')
    .option('--rounds <n>', 'rounds of each part', whole, 8)
    .option('--alerts <n>', 'alerts in each round of intake', whole, 400)
    .option('--questions <n>', 'questions open at once in the approvals part', whole, 1_000)
    .option('--only <parts>', `some of ${PARTS.join(', ')}`, partsOf)
    .option('--storm', '10,000 alerts over 500 principals, and 25,000 on one, too', false)
    .parse();
  const options = command.opts<Options>();
  const wanted = new Set(options.only ?? ['containment', 'containment-azure', 'intake', 'triage', ...(options.storm ? ['storm', 'storm-one'] : [])]);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', memoryGb: Math.round(totalmem() / 2 ** 30), node: process.version };
  const parts: Part[] = [];
  // Shown and written as soon as it is there: a later part that fails takes nothing away.
  const done = async (part: Part): Promise<void> => {
    parts.push(part);
    printPart(part);
    if (options.json) await writeFile(options.json, `${JSON.stringify({ at: new Date().toISOString(), machine, parts }, null, 2)}\n`);
  };
  const house = await openBenchHouse(say).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    throw error;
  });
  try {
    const { rounds, alerts } = options;
    // Containment first: its worker must be gone before the alerts of the others are taken in, or it would work them off.
    if (wanted.has('containment')) await done(await benchContainment(house, awsCloud(house), rounds, say));
    if (wanted.has('containment-azure')) await done(await benchContainment(house, azureCloud(house), rounds, say));
    if (wanted.has('storm-one')) await done(await benchStormOne(house, say));
    if (wanted.has('approvals')) await done(await benchApprovals(house, rounds, options.questions, say));
    if (wanted.has('intake')) await done(await benchIntake(house, rounds, alerts, say));
    if (wanted.has('storm')) await done(await benchStorm(house, 64));
    if (wanted.has('triage')) await done(await benchTriage(house, rounds, 1_000, say));
  } catch (error) {
    // Said before the house is torn down: what still runs in it fails too, and louder.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    throw error;
  } finally {
    await house.stop();
  }
  console.log(`\n${machine.cpus} × ${machine.model}, ${machine.memoryGb} GB, Node ${machine.node}`);
}

main().then(() => process.exit(0), () => process.exit(1));
