import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { ConfigError, loadConfig } from '../workers/config/load';
import type { Config } from '../workers/config/schema';
import { connectClient } from '../workers/temporal';
import { CommandError, exit } from './exit';

export interface GlobalOptions {
  config: string;
  json: boolean;
}

export function globals(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>();
}

export function configOf(command: Command): Config {
  try {
    return loadConfig(globals(command).config);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(error.message, exit.usage);
    throw error;
  }
}

/** Connects, runs, disconnects. */
export async function withClient<T>(command: Command, use: (client: Client, config: Config) => Promise<T>): Promise<T> {
  const config = configOf(command);
  let client: Client;
  try {
    client = await connectClient(config);
  } catch (error) {
    throw new CommandError(`Temporal does not answer at ${config.temporal.address}: ${error instanceof Error ? error.message : String(error)}`, exit.unreachable);
  }
  try {
    return await use(client, config);
  } finally {
    await client.connection.close();
  }
}

/** One JSON value, or the lines for people. */
export function print(command: Command, value: unknown, lines: readonly string[]): void {
  process.stdout.write(globals(command).json ? `${JSON.stringify(value)}\n` : `${lines.map(plain).join('\n')}\n`);
}

/** Alert text may hold terminal control codes: they are shown, never sent. */
export const plain = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
