import type { Command } from 'commander';
import { evidenceStore } from '../workers/evidence';
import { configOf, plain, print } from './context';
import { CommandError, exit } from './exit';

export function evidenceCommands(program: Command): void {
  const evidence = program.command('evidence').description('the hash-chained record of every case');

  evidence
    .command('verify [case]')
    .description('recompute every hash of a case (or of all): finds a changed byte, a missing entry, a cut-off end')
    .option('--seal <hash>', 'the seal hash that you wrote down when the case was closed')
    .action(async (caseKey: string | undefined, options: { seal?: string }, command: Command) => {
      const store = evidenceStore(configOf(command));
      const cases = caseKey ? [caseKey] : await store.cases();
      if (cases.length === 0) throw new CommandError('there is no case in the evidence store', exit.failed);
      const results = [];
      for (const one of cases) results.push({ case: one, ...(await store.verify(one, options.seal)) });
      print(command, results, results.map((one) => (one.ok ? `${one.case}: whole, ${one.entries} entries, ${one.sealed ? `sealed ${one.sealHash}` : 'not sealed yet'}` : `${one.case}: BROKEN: ${plain(one.first ? one.first.text : 'unknown')}`)));
      if (results.some((one) => !one.ok)) throw new CommandError('', exit.checkFailed);
    });

  evidence
    .command('show <case>')
    .description('the record of a case, in order')
    .action(async (caseKey: string, _options: object, command: Command) => {
      const entries = await evidenceStore(configOf(command)).readChain(caseKey);
      print(command, entries, entries.map((entry) => `${String(entry.seq).padStart(4)}  ${entry.at}  ${entry.kind.padEnd(10)} ${entry.text}`));
    });
}
