import type { App, SlashCommand, types, ViewSubmitAction } from '@slack/bolt';
import { plain } from '../../playbook/message/text';
import type { Person } from '../../playbook/model/people';
import type { GrantPort } from '../grants';
import { NotRecorded, withinBudget, type HandlerDeps } from './handlers';
import type { Identified } from './who';

export const JIT_COMMAND = '/tourniquet-access';
export const JIT_VIEW = 'jit.request';
const LENGTHS = [15, 30, 60, 90, 120];

export interface JitSlack {
  grants: Pick<GrantPort, 'request'>;
  /** What this person may ask for, as the configuration has it now. */
  rolesFor(person: Person): { role: string; account: string; maxMs: number }[];
}

/** `/tourniquet-access` opens the form; submitting it is the request, in Temporal before it is acknowledged. */
export function registerJit(app: App, deps: HandlerDeps, jit: JitSlack): void {
  app.command(JIT_COMMAND, async ({ body, ack }) => {
    const refused = await withinBudget(deps, 'command', () => onCommand(body, deps, jit));
    await ack(refused ? { response_type: 'ephemeral', text: refused } : undefined);
  });
  app.view<ViewSubmitAction>(JIT_VIEW, async ({ body, ack }) => {
    const refused = await withinBudget(deps, 'request', () => onRequest(body, deps, jit));
    await ack(refused ? { response_action: 'errors', errors: { reason: refused } } : undefined);
  });
}

async function onCommand(body: SlashCommand, deps: HandlerDeps, jit: JitSlack): Promise<string | null> {
  const who = await deps.identify({ user: body.user_id, homeTeam: body.team_id, team: body.team_id });
  if ('refused' in who) return who.refused;
  const roles = jit.rolesFor(who.person);
  if (roles.length === 0) return 'There is no role that you may ask for (tourniquet.yaml, jit.roles).';
  await deps.client.views.open({ trigger_id: body.trigger_id, view: form(roles) });
  return null;
}

async function onRequest(body: ViewSubmitAction, deps: HandlerDeps, jit: JitSlack): Promise<string | null> {
  const who: Identified = await deps.identify({ user: body.user.id, homeTeam: body.user.team_id ?? null, team: body.team?.id ?? null });
  if ('refused' in who) return who.refused;
  const { values } = body.view.state;
  const [role = '', account = ''] = (values.what?.what?.selected_option?.value ?? '').split('|');
  const forMs = Number(values.length?.length?.selected_option?.value) * 60_000;
  const reason = (values.reason?.reason?.value ?? '').slice(0, 500);
  if (!role || !account) throw new NotRecorded('a form without its choice');
  // The form's own id: pressing submit twice, or a request sent again, is one request.
  const asked = await jit.grants.request(who.person.id, { request: `slack/${body.user.id}/${body.view.id}`, role, account, forMs, reason, via: 'slack' });
  deps.log.info({ person: who.person.id, outcome: asked.ok ? asked.grant.grant : 'refused' }, 'access asked for in Slack');
  return asked.ok ? null : asked.message;
}

function form(roles: { role: string; account: string; maxMs: number }[]): types.ModalView {
  const option = (text: string, value: string): types.PlainTextOption => ({ text: { type: 'plain_text', text: plain(text, 75) }, value });
  const longest = Math.max(...roles.map((one) => one.maxMs)) / 60_000;
  const select = (id: string, label: string, options: types.PlainTextOption[]): types.InputBlock => ({ type: 'input', block_id: id, label: { type: 'plain_text', text: label }, element: { type: 'static_select', action_id: id, options } });
  return {
    type: 'modal', callback_id: JIT_VIEW, title: { type: 'plain_text', text: 'Ask for access' }, submit: { type: 'plain_text', text: 'Ask' }, close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      select('what', 'Role', roles.slice(0, 100).map(({ role, account }) => option(`${role} in ${account}`, `${role}|${account}`))),
      select('length', 'How long, counted from the grant', LENGTHS.filter((length) => length <= longest).map((length) => option(`${length} minutes`, String(length)))),
      {
        type: 'input', block_id: 'reason', label: { type: 'plain_text', text: 'Why' }, hint: { type: 'plain_text', text: 'The approver reads it, and it goes into the record.' },
        element: { type: 'plain_text_input', action_id: 'reason', min_length: 3, max_length: 500 },
      },
    ],
  };
}
