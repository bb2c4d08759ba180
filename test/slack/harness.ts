import { createNotifyActivities, memoryLedger, type NotifyConfig } from '../../activities/notify';
import type { NotifyActivities } from '../../activities/notify';
import { approvalPolicy, checkVote, openApproval, viewOf, type ApprovalEvent, type ApprovalState } from '../../approvals/policy';
import type { ApprovalPort } from '../../approvals/ports';
import { createSlackApp, type SlackApp, type SlackAppOptions } from '../../approvals/slack';
import type { ApproverSets } from '../../playbook/approvers';
import type { ApprovalRequest, Vote } from '../../playbook/model/approval';
import type { Person } from '../../playbook/model/people';
import { SANDBOX_CHANNELS, startSlack, type SandboxSlack } from '../../sandbox/slack';
import { request } from '../approvals/fixtures';

export const TEAM = 'T0SANDBOX';

export const person = (id: string, over: Partial<Person> = {}): Person => ({
  id, name: id[0]!.toUpperCase() + id.slice(1), email: `${id}@example.com`, slack: { team: TEAM, user: `U0${id.toUpperCase()}` }, identities: [], roles: ['manager'], active: true, ...over,
});

export const PEOPLE = [person('ada'), person('ben'), person('cy'), person('dee', { roles: [] }), person('rita'), person('vic')];

const tier = { approvers: ['role:manager'], backup: [] };
export const SETS: ApproverSets = { approve: tier, dual: tier, 'break-glass': tier };

/** The approval workflow's rules without Temporal; `away` is a Temporal that does not answer. */
export class Desk implements ApprovalPort {
  states = new Map<string, ApprovalState>();
  away = false;
  /** Milliseconds before each answer. */
  slowMs = 0;
  votes: Vote[] = [];
  approvers = ['ada', 'ben', 'cy'];

  ask(over: Partial<ApprovalRequest> = {}): ApprovalRequest {
    const question = request(over);
    this.states.set(question.id, openApproval(question, Date.now()));
    this.send(question.id, { type: 'opened', now: Date.now() });
    return question;
  }

  send(id: string, event: ApprovalEvent): void {
    const step = approvalPolicy(this.states.get(id)!, event);
    this.states.set(id, step.state);
    for (const effect of step.effects) if (effect.type === 'lookUpApprovers') this.send(id, { type: 'approversLookedUp', generation: effect.generation, approvers: this.approvers, now: Date.now() });
  }

  decide: ApprovalPort['decide'] = async (id, vote) => {
    await this.answering();
    const state = this.states.get(id);
    if (!state) return { ok: false, code: 'APPROVAL_CLOSED', message: 'There is no such question.' };
    const refusal = checkVote(state, vote, Date.now());
    if (refusal) return { ok: false, ...refusal };
    if (!state.seen.includes(vote.voteId)) this.votes.push(vote);
    this.send(id, { type: 'vote', vote, now: Date.now() });
    return { ok: true, state: viewOf(this.states.get(id)!) };
  };

  stateOf: ApprovalPort['stateOf'] = async (id) => {
    await this.answering();
    const state = this.states.get(id);
    return state ? viewOf(state) : null;
  };

  private async answering(): Promise<void> {
    if (this.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, this.slowMs));
    if (this.away) throw new Error('14 UNAVAILABLE: no connection established');
  }
}

export interface House {
  slack: SandboxSlack;
  app: SlackApp;
  appUrl: string;
  desk: Desk;
  activities: NotifyActivities;
  config: NotifyConfig;
  people: Person[];
  logged: string[];
  /** Puts a question into Slack. */
  show(question: ApprovalRequest, over?: Partial<Parameters<NotifyActivities['showApproval']>[0]>): ReturnType<NotifyActivities['showApproval']>;
  stop(): Promise<void>;
}

/** A sandbox Slack, the Slack edge, and the activities that talk to Slack, wired as the workers wire them. */
export async function house(over: Partial<SlackAppOptions> & { port?: number } = {}, slackPort = 0): Promise<House> {
  const people = [...PEOPLE];
  const desk = new Desk();
  const slack = await startSlack({ people, port: slackPort });
  const logged: string[] = [];
  const write = (fields: object, text?: string): void => void logged.push(`${text ?? ''} ${JSON.stringify(fields)}`);
  const log = { info: write, warn: write, error: write } as SlackAppOptions['log'];
  const directory = { people: async () => people, approvers: async () => SETS };
  const app = createSlackApp({
    signingSecret: slack.signingSecret, botToken: slack.botToken, slackApiUrl: slack.apiUrl, directory, decide: desk.decide, stateOf: desk.stateOf, log, port: 0, consoleUrl: 'https://tourniquet.example', ...over,
  });
  const { url } = await app.start();
  slack.connectApp(url!);
  const config: NotifyConfig = {
    slack: { botToken: slack.botToken, apiUrl: slack.apiUrl, team: TEAM, approvalsChannel: SANDBOX_CHANNELS[0]!.id, timeoutMs: 1_000 }, smtp: null, pagerDuty: null, webhooks: {},
    groups: { ciso: [{ channel: 'slack', to: SANDBOX_CHANNELS[2]!.id }] }, notices: { info: [], warn: ['ciso'], page: ['ciso'] }, fallback: [], consoleUrl: 'https://tourniquet.example',
  };
  const activities = createNotifyActivities({ config, directory, ledger: memoryLedger(), attempt: () => 1, pause: async () => undefined });
  return {
    slack, app, appUrl: url!, desk, activities, config, people, logged,
    show: (question, more = {}) => activities.showApproval({
      request: question, handle: null, state: 'open', votes: [], approvers: desk.approvers, deadline: new Date(Date.now() + question.deadlineMs).toISOString(), reminder: false, link: `https://tourniquet.example/approvals/${question.id}`, ...more,
    }),
    stop: async () => {
      await app.stop();
      await slack.stop();
    },
  };
}
