import { spawn } from 'node:child_process';
import type { House } from './house';

/** Runs the real command as one of the demo’s people; resolves with what it printed. Rejects when it refuses. */
export async function asPerson(house: House, person: string, args: readonly string[]): Promise<string> {
  const key = house.people.find((one) => one.id === person)!.key;
  return new Promise<string>((done, failed) => {
    const child = spawn(process.execPath, [require.resolve('../main'), '--config', house.configFile, ...args], { env: { ...process.env, TOURNIQUET_APPROVER_KEY: key }, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', failed);
    child.on('exit', (code) => (code === 0 ? done(printed) : failed(new Error(`tourniquet ${args.slice(0, 2).join(' ')}: ${(complaint || printed).trim()}`))));
  });
}
