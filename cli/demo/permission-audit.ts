import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, GetRoleCommand, ListRolePoliciesCommand, PutRolePolicyCommand, PutUserPolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { AuditProgress, ReviewView } from '../../playbook/permission-audit/model';
import { clientsFor } from '../../sandbox/aws/clients';
import { answer, openQuestions } from './answers';
import type { Check } from './checks';
import { asPerson } from './command';
import type { House } from './house';

const LOOK_MS = 500;
const PATIENCE_MS = 5 * 60_000;
const LONG_AGO_MS = 200 * 86_400_000;
const UNUSED = 'reporting-2023';
const NEEDED = 'quarter-close';
const NOBODYS = 'old-integration';
const USED = 'orders-worker';
const UNDER_WAY: readonly ReviewView['stage'][] = ['looking', 'asked', 'in-quarantine', 'narrowed', 'removing'];

/** Four old roles: one that nobody uses or needs, one that its owner still needs, one that is nobody’s, one that works. Ada audits; the owners say; only the first goes, after its quarantine. */
export async function playPermissionAudit(house: House, { auto, say }: { auto: boolean; say(line: string): void }): Promise<Check[]> {
  const { aws, world } = house;
  const { account } = world.production;
  const root = clientsFor(aws.endpoint, aws.rootKeys(account));
  try {
    for (const [name, owner] of [[UNUSED, 'dana@example.com'], [NEEDED, 'mia@example.com'], [NOBODYS, null], [USED, 'dana@example.com']] as const) {
      const { Role } = await root.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(account), Tags: owner ? [{ Key: 'owner', Value: owner }] : [] }));
      await root.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'work', PolicyDocument: allow('ec2:DescribeInstances') }));
      aws.age(account, Role!.Arn!, new Date(Date.now() - LONG_AGO_MS));
    }
    const worked = await work(house, root.iam, account);
    say('$ tourniquet audit-permissions --account production --wait --as ada');
    const audit = JSON.parse(await asPerson(house, 'ada', ['--json', 'audit-permissions', '--as', 'ada', '--account', 'production', '--wait'])) as AuditProgress;
    say(`${audit.looked} looked at: ${Object.entries(audit.outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
    const seen = new Set<string>();
    const views = await followUntilOver(house, audit.reviews, auto, say, seen);
    const of = (name: string): ReviewView | undefined => views.find(({ subject }) => subject.name === name);
    const exists = (name: string): Promise<boolean> => root.iam.send(new GetRoleCommand({ RoleName: name })).then(() => true, () => false);
    const untouched = async (name: string): Promise<boolean> => (await exists(name)) && (await root.iam.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames!.join() === 'work';
    const record = async (name: string): Promise<string[]> => (await house.evidence.readChain(of(name)?.review ?? '').catch(() => [])).map((entry) => entry.text);
    const chain = await record(UNUSED);
    const whole = await Promise.all(views.map(({ review }) => house.evidence.verify(review)));
    const approved = chain.filter((text) => text.startsWith('approved ('));
    return [
      { what: 'only what is old and unused is under review', ok: views.map(({ subject }) => subject.name).sort().join() === [NEEDED, NOBODYS, UNUSED].sort().join(), seen: views.map(({ subject }) => subject.name).join(', ') },
      { what: `${USED} works, so it is left alone`, ok: worked && (await untouched(USED)), seen: 'its session was used' },
      { what: `${UNUSED} was in quarantine before it was removed`, ok: seen.has(`${UNUSED}/in-quarantine`) && chain.some((text) => text.startsWith('In quarantine until')), seen: chain.find((text) => text.startsWith('In quarantine')) ?? 'no quarantine in the record' },
      { what: 'its owner said yes, and somebody else too', ok: approved.length >= 2 && new Set(approved).size >= 2, seen: approved.join('; ') },
      { what: `${UNUSED} is gone`, ok: of(UNUSED)?.stage === 'removed' && !(await exists(UNUSED)), seen: of(UNUSED)?.stage ?? 'no review' },
      { what: `${NEEDED} is still needed: untouched, and asked again later`, ok: of(NEEDED)?.stage === 'needed' && of(NEEDED)!.until !== null && (await untouched(NEEDED)), seen: of(NEEDED)?.until ?? 'no date' },
      { what: `${NOBODYS} has no owner: untouched, and people were told`, ok: of(NOBODYS)?.stage === 'no-owner' && (await untouched(NOBODYS)) && house.slack.messages().some((message) => message.readable.includes(NOBODYS)), seen: of(NOBODYS)?.stage ?? 'no review' },
      { what: 'every record is whole', ok: whole.every(({ ok }) => ok), seen: `${whole.reduce((sum, { entries }) => sum + entries, 0)} entries` },
    ];
  } finally {
    root.close();
  }
}

const trust = (account: string): string => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' }] });
const allow = (action: string): string => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

/** The role that is used: by a session that a machine's user opens. IAM takes a moment to know them. */
async function work(house: House, iam: IAMClient, account: string): Promise<boolean> {
  await iam.send(new CreateUserCommand({ UserName: 'orders-batch' }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'orders-batch', PolicyName: 'work', PolicyDocument: allow('sts:AssumeRole') }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'orders-batch' }));
  const batch = clientsFor(house.aws.endpoint, { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
  try {
    for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, LOOK_MS))) {
      const { Credentials } = await batch.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${USED}`, RoleSessionName: 'orders' })).catch(() => ({ Credentials: undefined }));
      if (!Credentials) continue;
      const session = clientsFor(house.aws.endpoint, { accessKeyId: Credentials.AccessKeyId!, secretAccessKey: Credentials.SecretAccessKey!, sessionToken: Credentials.SessionToken! });
      const done = await session.ec2.send(new DescribeInstancesCommand({})).then(() => true, () => false);
      session.close();
      if (done) return true;
    }
    return false;
  } finally {
    batch.close();
  }
}

async function followUntilOver(house: House, reviews: readonly string[], auto: boolean, say: (line: string) => void, seen: Set<string>): Promise<ReviewView[]> {
  const end = Date.now() + PATIENCE_MS;
  const told = new Set<string>();
  for (;;) {
    const views = await Promise.all(reviews.map((id) => house.client.workflow.getHandle(id).query<ReviewView>('review')));
    for (const { subject, stage, until } of views) {
      const step = `${subject.name}/${stage}`;
      if (!seen.has(step)) say(`${subject.kind} ${subject.name}: ${stage}${until ? ` until ${until}` : ''}`);
      seen.add(step);
    }
    if (!views.some(({ stage }) => UNDER_WAY.includes(stage))) return views;
    if (auto && Date.now() > end) throw new Error(`still under way: ${views.map(({ subject, stage }) => `${subject.name} ${stage}`).join(', ')}`);
    for (const question of await openQuestions(house)) {
      if (!told.has(question.id)) say(`          ☎ asked: ${question.title}\n            ${house.slack.url}`);
      told.add(question.id);
      if (auto) await answer(house, question, question.title.includes(NEEDED) ? 'deny' : 'approve', say);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
