import type { Command } from 'commander';
import { MissingTool, PortTaken } from '../../sandbox/tools';
import { globals } from '../context';
import { CommandError, exit } from '../exit';
import { runDemo } from './run';
import { scenarioNames, type ScenarioName } from './scenarios';

/** `npm run demo`: everything on this machine, an attack with real calls, and Tourniquet taking the account back. */
export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('start everything on this machine, let an attacker in, and watch the account being taken back')
    .option('--scenario <name>', scenarioNames.join(', '), 'stolen-admin-key')
    .option('--auto', 'answer the approvals (through the sandbox Slack’s signed clicks), then check and exit', false)
    .option('--watch <duration>', 'how long the 72-hour watch lasts here', '20s')
    .option('--keep', 'stay up after the incident is closed, until Ctrl-C', false)
    .option('--folder <path>', 'where the demo keeps its data', '.tourniquet/demo')
    .action(async (options: { scenario: string; auto: boolean; watch: string; keep: boolean; folder: string }, command: Command) => {
      if (!(scenarioNames as readonly string[]).includes(options.scenario)) throw new CommandError(`there is no scenario ${options.scenario}; scenarios: ${scenarioNames.join(', ')}`, exit.usage);
      const json = globals(command).json;
      const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
      try {
        const checks = await runDemo({ ...options, scenario: options.scenario as ScenarioName, say });
        if (json) process.stdout.write(`${JSON.stringify({ scenario: options.scenario, checks })}\n`);
        const bad = checks.filter((check) => !check.ok).length;
        if (bad > 0) throw new CommandError(`${bad} of ${checks.length} checks do not hold`, exit.checkFailed);
      } catch (error) {
        if (error instanceof MissingTool || error instanceof PortTaken) throw new CommandError(error.message, exit.unreachable);
        throw error;
      }
      process.exit(exit.ok);
    });
}
