import type { Command } from 'commander';
import { userInfo } from 'node:os';
import { fingerprintOf } from '../approvals/passkey';
import { relyingParty } from '../workers/config/passkeys';
import { duration } from '../workers/config/duration';
import { passkeyRegister } from '../workers/passkeys';
import { configOf, print } from './context';
import { CommandError, exit } from './exit';

const DAY_MS = 86_400_000;

/** For administrators: needs write access to the evidence store and the register's key. */
export function passkeyCommands(program: Command): void {
  const passkey = program.command('passkey').description('second factors of break-glass: invite, list, revoke');

  passkey
    .command('invite')
    .description('a one-time link with which a person registers a passkey; hand it over yourself, and see that it is them')
    .requiredOption('--person <id>', 'who')
    .option('--for <duration>', 'how long the link works (at most 1d)', '1h')
    .action(async (options: { person: string; for: string }, command: Command) => {
      const config = configOf(command);
      const party = relyingParty(config);
      if (!party) throw new CommandError('passkeys need console.url: https, with a host name (http on localhost)', exit.usage);
      const person = config.people.find((one) => one.id === options.person && one.active);
      if (!person) throw new CommandError(`nobody active is ${options.person} in tourniquet.yaml`, exit.failed);
      const life = duration.safeParse(options.for);
      if (!life.success || life.data < 60_000 || life.data > DAY_MS) throw new CommandError('--for: from 1m to 1d', exit.usage);
      const { token, expires } = await passkeyRegister(config).invite(person.id, userInfo().username, life.data);
      const link = `${config.console!.url!.replace(/\/$/, '')}/register#${token}`;
      print(command, { person: person.id, link, expires }, [`${person.name} registers a passkey here, once, until ${expires}:`, `  ${link}`]);
    });

  passkey
    .command('list')
    .description('who has which passkeys')
    .action(async (_options: object, command: Command) => {
      const found = (await passkeyRegister(configOf(command)).all()).map(({ credentialId, person, deviceType, registeredAt, invitedBy }) => ({ passkey: fingerprintOf(credentialId), person, deviceType, registeredAt, invitedBy }));
      print(command, found, found.length ? found.map((one) => `${one.passkey}  ${one.person.padEnd(16)} ${one.deviceType}  since ${one.registeredAt}, invited by ${one.invitedBy}`) : ['nobody has a passkey']);
    });

  passkey
    .command('revoke <passkey>')
    .description('end a passkey for good, by the fingerprint that `passkey list` shows')
    .requiredOption('--reason <text>', 'kept with it')
    .action(async (fingerprint: string, options: { reason: string }, command: Command) => {
      const register = passkeyRegister(configOf(command));
      const one = (await register.all()).find((known) => fingerprintOf(known.credentialId) === fingerprint);
      if (!one) throw new CommandError('there is no such passkey in use', exit.failed);
      await register.revoke(one.credentialId, userInfo().username, options.reason);
      print(command, { passkey: fingerprint, person: one.person, revoked: true }, [`passkey ${fingerprint} of ${one.person} is ended`]);
    });
}
