import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { House } from './house';

/** Runs the real command as one of the demo’s people; resolves with what it printed. Rejects when it refuses. */
export async function asPerson(house: House, person: string, args: readonly string[]): Promise<string> {
  return new Promise<string>((done, failed) => {
    const child = spawn(process.execPath, [require.resolve('../main'), '--config', house.configFile, ...args], { env: { ...process.env, TOURNIQUET_PERSON: person, TOURNIQUET_KEY: keyFile(house.folder, person) }, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', failed);
    child.on('exit', (code) => (code === 0 ? done(printed) : failed(new Error(`tourniquet ${args.slice(0, 2).join(' ')}: ${(complaint || printed).trim()}`))));
  });
}

/** Where a demo person's own key lies. */
export const keyFile = (folder: string, person: string): string => join(folder, `${person}.key.pem`);
