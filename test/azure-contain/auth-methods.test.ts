import type { User } from '@microsoft/microsoft-graph-types';
import { registrations } from '../../activities/azure/contain/propose-identities';
import { proposeContainment } from '../../activities/azure/contain/propose';
import { proposal } from '../../activities/azure/contain/targets';
import type { Alert } from '../../playbook/model/alert';
import type { Artifact } from '../../playbook/model/finding';
import type { JsonObject } from '../../playbook/json';
import type { Step, Target } from '../../playbook/model/plan';
import { addMethod } from '../../sandbox/azure/graph/methods';
import { asStep } from '../containment/contract';
import { actionOf, makeBed, type Bed } from './bed';
import { attackerIp, person } from './cases';

jest.setTimeout(120_000);

const MINUTE = 60_000;
const action = actionOf('azure.remove-auth-methods');
const attested = { attestationLevel: 'attested' };

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

/** An hour ago the attack began, half an hour ago containment was planned. */
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();
const planning = (minutes: number) => bed.context({ now: () => new Date(Date.parse(ago(minutes))) });

/** A person whose authenticator of the attacker's is to go, and whose sessions were revoked a minute after planning. */
async function planned(params: JsonObject = {}, validFrom = 29): Promise<{ target: Target; step: Step; add(collection: string, minutesAgo: number, more?: JsonObject): string; left(): string[] }> {
  const { password: _password, ...target } = person(bed, { signInSessionsValidFromDateTime: ago(validFrom) });
  const add = (collection: string, minutesAgo: number, more: JsonObject = {}): string => addMethod(bed.azure.sim, target.id, collection, { createdDateTime: ago(minutesAgo), ...more }).id!;
  add('microsoftAuthenticatorMethods', 50);
  const step = asStep(await bed.plan(proposal('azure.remove-auth-methods', target, 'test', { since: ago(60), ...params }), planning(30)));
  return { target, step, add, left: () => bed.azure.sim.shelf<{ id: string; user: string }>('authenticationMethods').truth().filter((one) => one.user === target.id).map((one) => one.id) };
}

async function after(step: Step): Promise<boolean> {
  await action.apply(bed.context(), step);
  return (await action.verify(bed.context(), step)).holds;
}

describe('the hardware key of row 2.2.1', () => {
  test('stays, and nothing else that is registered later does', async () => {
    const { step, add, left } = await planned();
    const key = add('fido2Methods', 10, attested);
    expect(step.change.join('\n')).toMatch(/only an attested FIDO2 key stays/);
    expect((await action.verify(bed.context(), { ...step })).seen.rogue).not.toContain(key);
    for (const one of ['softwareOathMethods', 'temporaryAccessPassMethods', 'microsoftAuthenticatorMethods', 'fido2Methods', 'windowsHelloForBusinessMethods']) add(one, 9);
    add('fido2Methods', 9, { attestationLevel: 'notAttested' });
    add('softwareOathMethods', 9, attested);
    expect(await after(step)).toBe(true);
    expect(left()).toEqual([key]);
  });

  test.each([
    ['between the first alert and planning, with a password that he set', 40, 45], ['after planning, while a session still was good', 29.5, 29],
  ])('is the attacker’s when registered %s', async (_when, minutes, validFrom) => {
    const { step, add, left } = await planned({}, validFrom);
    add('fido2Methods', minutes, attested);
    expect((await action.verify(bed.context(), step)).holds).toBe(false);
    expect(await after(step)).toBe(true);
    expect(left()).toEqual([]);
  });

  test('is the attacker’s when the log has him registering at that moment', async () => {
    const { step, add, left } = await planned({ registered: [ago(10)] });
    add('fido2Methods', 10, attested);
    const other = add('fido2Methods', 5, attested);
    expect(await after(step)).toBe(true);
    expect(left()).toEqual([other]);
  });

  test('is the person’s when what the attacker registered, a moment before, was before he was shut out', async () => {
    const { step, add, left } = await planned({ registered: [ago(30.1)] }, 29.9);
    const key = add('fido2Methods', 29.5, attested);
    expect(await after(step)).toBe(true);
    expect(left()).toEqual([key]);
  });

  test('stays when sessions are revoked once more, as under break-glass', async () => {
    const { target, step, add, left } = await planned();
    const [early, key] = [add('fido2Methods', 28, attested), add('fido2Methods', 20, attested)];
    const users = bed.azure.sim.shelf<User>('users');
    users.put(target.id, { ...users.get(target.id)!, signInSessionsValidFromDateTime: ago(5) });
    expect(await after(step)).toBe(true);
    expect(left()).toEqual([key]);
    expect(left()).not.toContain(early);
  });

  test('a later plan is the same step, and spares from when the person was shut out', async () => {
    const { target, step } = await planned();
    const again = asStep(await bed.plan(proposal('azure.remove-auth-methods', target, 'test', { since: step.params.since!, shutOut: ago(25) }), planning(2)));
    expect(again.id).toBe(step.id);
    expect(again.before.sparedFrom).not.toBe(step.before.sparedFrom);
    expect(Date.parse(String(again.before.sparedFrom))).toBeLessThan(Date.parse(ago(20)));
  });
});

describe('a phone, of which Entra does not say when it was registered', () => {
  test('is left to a person unless the log tells of a registration', async () => {
    const { target, step, add } = await planned();
    const phone = add('phoneMethods', 1, { createdDateTime: null });
    const quiet = asStep(await bed.plan(proposal('azure.remove-auth-methods', target, 'test', step.params)));
    expect(quiet.change.join('\n')).toContain(`look by hand at phoneAuthenticationMethod ${phone}`);
    const told = asStep(await bed.plan(proposal('azure.remove-auth-methods', target, 'test', { ...step.params, registered: [ago(50)] })));
    expect(told.change.join('\n')).toMatch(new RegExp(`remove phoneAuthenticationMethod ${phone}.*the log tells of a registration`));
    expect(await after(told)).toBe(true);
    expect((await action.verify(bed.context(), told)).seen).toEqual({ rogue: [] });
  });
});

describe('the attacker’s method as the default one', () => {
  test('goes last when everything else goes too', async () => {
    const { target, add, left } = await planned();
    add('microsoftAuthenticatorMethods', 20, { isDefault: true });
    add('softwareOathMethods', 10);
    const step = asStep(await bed.plan(proposal('azure.remove-auth-methods', target, 'test', { since: ago(60) })));
    expect(await after(step)).toBe(true);
    expect(left()).toEqual([]);
  });

  test('is a person’s to remove when one of the person’s own stays; the attacker’s others are gone', async () => {
    const { step, add, left } = await planned();
    const [rogue, own] = [add('microsoftAuthenticatorMethods', 20, { isDefault: true }), add('phoneMethods', 999, { createdDateTime: null })];
    await expect(action.apply(bed.context(), step)).rejects.toMatchObject({ type: 'NOT_SUPPORTED', message: expect.stringMatching(/default method and another one stays.*Set another default/) as string });
    expect(left().sort()).toEqual([rogue, own].sort());
    expect((await action.verify(bed.context(), step)).seen).toEqual({ rogue: [rogue] });
  });
});

describe('when the attacker registered, by alerts and findings', () => {
  const registration = (time: string, user = 'u'): Artifact => ({ provider: 'azure', account: 't', region: null, kind: 'mfa-device', id: user, name: user, attribution: 'attacker', how: 'created', events: [], details: { user, at: time } });
  const alert = (time: string, sourceIp: string | null) => ({ time, sourceIp }) as Alert;
  const [first, own, theirs, contained] = ['2026-01-01T10:00:00.000Z', '2026-01-01T12:00:00.000Z', '2026-01-01T12:10:00.000Z', '2026-01-01T11:00:00.000Z'];
  const alerts = [alert(first, attackerIp), alert(own, '198.51.100.7'), alert(theirs, attackerIp)];

  test.each([
    ['before containment every one', contained, [first], [first]], ['while nothing is contained every one', undefined, [own, first], [first, own]],
    ['afterwards none of the person’s own', contained, [own], []], ['afterwards one from the attacker’s address', contained, [theirs, own], [theirs]],
    ['of what only the investigation tells afterwards none', contained, ['2026-01-01T13:00:00Z'], []], ['no time that is none', undefined, ['soon'], []],
  ])('%s', (_what, shutOut, times, expected) => {
    expect(registrations({ alerts, ...(shutOut ? { contained: shutOut } : {}) }, times.map((time) => registration(time)), 'U')).toEqual(expected);
  });

  test('not another person’s', () => {
    expect(registrations({ alerts }, [registration(first, 'other')], 'u')).toEqual([]);
  });

  test('containment is proposed with them, and with when the person was shut out', async () => {
    const { password: _password, ...target } = person(bed);
    const time = ago(3);
    const signal = { id: 'alr-1', source: 'entra-audit', provider: 'azure', account: bed.tenant, region: null, time, event: 'User registered security info', outcome: 'success', sourceIp: attackerIp, addresses: [], facts: { targets: [{ id: target.id, type: 'User', displayName: target.name }] }, target: null } as unknown as Alert;
    const { proposals } = await proposeContainment(bed.context(), { principal: { provider: 'azure', account: bed.tenant, kind: 'user', id: target.id, name: target.name }, alerts: [signal], contained: ago(1) }, []);
    expect(proposals.find((one) => one.action === 'azure.remove-auth-methods')?.params).toEqual({ since: new Date(Date.parse(time) - 10 * MINUTE).toISOString(), registered: [time], shutOut: expect.any(String) as string });
  });
});
