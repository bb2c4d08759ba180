import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateUserCommand } from '@aws-sdk/client-identitystore';
import { ListAccountAssignmentsCommand } from '@aws-sdk/client-sso-admin';
import { createGrantPort } from '../../approvals/grants';
import type { GrantView } from '../../playbook/jit/model';
import { grantsIdOf } from '../../playbook/jit/rules';
import { stateOf } from '../../sandbox/aws';
import { clientsFor } from '../../sandbox/aws/clients';
import type { Keys } from '../../sandbox/aws/control';
import { answer, openQuestions } from './answers';
import type { Check } from './checks';
import { asPerson, keyFile } from './command';
import type { House } from './house';
import { DANA_USER } from './people';

const LOOK_MS = 300;
const PATIENCE_MS = 5 * 60_000;

export interface JitDemo {
  auto: boolean;
  say(line: string): void;
}

/** Dana asks for a role for 30 minutes, somebody else says yes, she works, returns it early: and it is over, though a colleague works on in the same role. */
export async function playJit(house: House, { auto, say }: JitDemo): Promise<Check[]> {
  const { aws, world, client } = house;
  const { instanceArn, permissionSetArn, identityStoreId, userId, userName, account } = world.identityCenter;
  const top = clientsFor(aws.endpoint, aws.rootKeys(world.management.account));
  try {
    const { UserId } = await top.identityStore.send(new CreateUserCommand({ IdentityStoreId: identityStoreId, UserName: DANA_USER, DisplayName: 'Dana Whitfield', Name: { GivenName: 'Dana', FamilyName: 'Whitfield' } }));
    const signIn = (who: { userId: string; userName: string }): Promise<Keys> => aws.signIn({ instance: instanceArn, account, permissionSet: permissionSetArn, ...who });
    const dana = { userId: UserId!, userName: DANA_USER };
    const colleague = await signIn({ userId, userName });
    const assigned = async (): Promise<(string | undefined)[]> => (await top.ssoAdmin.send(new ListAccountAssignmentsCommand({ InstanceArn: instanceArn, PermissionSetArn: permissionSetArn, AccountId: account }))).AccountAssignments!.map((one) => one.PrincipalId);
    const alive = async (keys: Keys): Promise<boolean> => (await stateOf(aws.endpoint, { what: 'the session', keys, probe: (clients) => clients.ec2.send(new DescribeInstancesCommand({})) })) === 'alive';

    const refused = await asPerson(house, 'dana', [...asking, '--for', '3h', '--reason', 'a long evening']).then(() => 'taken', (error: Error) => error.message);
    say(`$ tourniquet jit request … --for 3h\n  ${refused}`);
    await asPerson(house, 'dana', [...asking, '--for', '30m', '--reason', 'look at the orders queue']);
    say('$ tourniquet jit request --role support --account production --for 30m --reason "look at the orders queue" --as dana');
    const given = await followUntil(house, (grant) => grant.state === 'active', auto, say);
    const session = await signIn(dana);
    const worked = await soon(() => alive(session));
    say(`Given until ${given.until}; Dana’s session ${worked ? 'works' : 'does not work'}.`);

    if (auto) await asPerson(house, 'dana', ['jit', 'return', given.grant, '--as', 'dana']);
    say(`${auto ? '' : `Return it, as Dana: npx tourniquet --config ${house.configFile} jit return ${given.grant} --as dana --key ${keyFile(house.folder, 'dana')}\n`}$ tourniquet jit return ${given.grant} --as dana`);
    await client.workflow.getHandle(grantsIdOf('dana')).result();
    const { ok, entries } = await house.evidence.verify(grantsIdOf('dana'));
    const chain = (await house.evidence.readChain(grantsIdOf('dana'))).map((entry) => entry.text);
    const told = house.slack.messages().filter((message) => /Access (given|ended)/.test(message.readable)).length;
    return [
      { what: 'three hours are refused', ok: /120 minutes at most/.test(refused), seen: refused },
      { what: 'somebody else said yes', ok: chain.some((text) => /^approved \((?!dana)/.test(text)), seen: chain.find((text) => text.startsWith('approved')) ?? 'no yes in the record' },
      { what: 'while it was given, Dana’s session worked', ok: worked, seen: given.until ?? '' },
      { what: 'the assignment is gone', ok: !(await assigned()).includes(dana.userId), seen: `${(await assigned()).length} left in the account` },
      { what: 'Dana’s session can do nothing', ok: await soon(async () => !(await alive(session))), seen: 'asked with its own keys' },
      { what: 'Dana cannot sign in again', ok: await signIn(dana).then(() => false, () => true), seen: 'no assignment' },
      { what: 'a colleague’s session in the same role works on', ok: await alive(colleague), seen: userName },
      { what: 'people were told of both ends', ok: told >= 2, seen: `${told} messages` },
      { what: 'the record is whole', ok, seen: `${entries} entries` },
    ];
  } finally {
    top.close();
  }
}

/** IAM takes a moment; what never comes true is false. */
async function soon(look: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, LOOK_MS))) if (await look()) return true;
  return false;
}

const asking = ['jit', 'request', '--as', 'dana', '--role', 'support', '--account', 'production'];

async function followUntil(house: House, done: (grant: GrantView) => boolean, auto: boolean, say: (line: string) => void): Promise<GrantView> {
  const end = Date.now() + PATIENCE_MS;
  const told = new Set<string>();
  for (;;) {
    const grant = (await createGrantPort(house.client).grantsOf('dana'))?.grants.at(-1);
    if (grant && done(grant)) return grant;
    if (grant?.state === 'refused' || grant?.state === 'ended') throw new Error(`the grant is ${grant.state}: ${grant.note}`);
    if (auto && Date.now() > end) throw new Error(`the grant is still ${grant?.state ?? 'not there'}`);
    for (const question of await openQuestions(house)) {
      if (!told.has(question.id)) say(`          ☎ waiting for ${question.quorum} approval (${question.tier}): ${question.title}\n            ${house.slack.url}`);
      told.add(question.id);
      if (auto) await answer(house, question, 'approve', say);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
