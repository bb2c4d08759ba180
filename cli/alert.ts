import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { print } from './context';
import { CommandError, exit } from './exit';

/** Sends a file as an alert, as EventBridge would: for trying a sender’s key and shape out. */
export function alertCommands(program: Command): void {
  program
    .command('alert')
    .description('send an alert to intake')
    .command('send <file>')
    .description('POST a file (`-` = standard input) to intake; the key is read from TOURNIQUET_SENDER_KEY')
    .requiredOption('--source <source>', 'cloudtrail, guardduty, …')
    .option('--to <url>', 'intake', 'http://127.0.0.1:8420')
    .action(async (file: string, options: { source: string; to: string }, command: Command) => {
      const key = process.env['TOURNIQUET_SENDER_KEY'];
      if (!key) throw new CommandError('TOURNIQUET_SENDER_KEY is not set: it holds the sender’s key', exit.usage);
      const body = file === '-' ? await readAll(process.stdin) : await readFile(file);
      let response: Response;
      try {
        response = await fetch(new URL(`/alerts/${encodeURIComponent(options.source)}`, options.to), { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: new Uint8Array(body) });
      } catch {
        throw new CommandError(`intake does not answer at ${options.to}`, exit.unreachable);
      }
      const answer: unknown = await response.json().catch(() => null);
      print(command, { status: response.status, answer }, [`${response.status} ${JSON.stringify(answer)}`]);
      if (!response.ok) throw new CommandError('', response.status === 503 ? exit.unreachable : exit.failed);
    });
}

async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}
