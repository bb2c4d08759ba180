import { WebClient } from '@slack/web-api';
import { readSecret } from '../config/secret';
import { evidenceStore } from '../evidence';
import { examine, type Examine } from './types';

export const examineSlack: Examine = async (config) => {
  const { slack } = config;
  if (!slack) return [{ what: 'Slack', ok: true, text: 'not configured: approvals by CLI only' }];
  return [
    await examine('Slack', async () => {
      const client = new WebClient(readSecret(slack.botToken), { slackApiUrl: slack.apiUrl ?? undefined, retryConfig: { retries: 0 } });
      const { team_id: team, user } = await client.auth.test();
      if (team !== slack.team) throw new Error(`the bot is in workspace ${team}, tourniquet.yaml says ${slack.team}`);
      return `bot ${user} in ${team}`;
    }),
    await examine('approvers in Slack', async () => {
      const without = config.people.filter((person) => person.active && !person.slack).map((person) => person.id);
      if (without.length === config.people.length) throw new Error('nobody has a Slack id: only the CLI can approve');
      return Promise.resolve(without.length ? `no Slack id: ${without.join(', ')}` : 'all linked');
    }),
  ];
};

export const examineEvidence: Examine = async (config) => [
  await examine('evidence store', async () => {
    const store = evidenceStore(config);
    const ref = await store.keep(null, 'doctor', 'tourniquet doctor was here', 'text/plain');
    const read = Buffer.from(await store.read(ref)).toString('utf8');
    if (read !== 'tourniquet doctor was here') throw new Error('what was written is not what was read');
    return `${config.evidence.kind}, writes and reads`;
  }),
];
