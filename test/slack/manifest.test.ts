import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { JIT_COMMAND } from '../../approvals/slack/jit';

const root = join(__dirname, '../..');
const manifest = parse(readFileSync(join(root, 'deploy/slack/manifest.yaml'), 'utf8')) as { features: { slash_commands: { command: string; url: string }[] }; oauth_config: { scopes: Record<string, string[]> }; settings: { interactivity: { is_enabled: boolean; request_url: string } } };

/** Which scope each method needs (docs.slack.dev, each method's page); views.open needs none. */
const SCOPES: Record<string, string[]> = {
  'chat.postMessage': ['chat:write'], 'chat.update': ['chat:write'], 'chat.postEphemeral': ['chat:write'], 'users.info': ['users:read'], 'conversations.history': ['channels:history', 'groups:history'], 'views.open': [],
};

test('the scopes are exactly what the calls need', () => {
  const code = ['approvals/slack', 'activities/notify'].flatMap((folder) => readdirSync(join(root, folder)).map((file) => readFileSync(join(root, folder, file), 'utf8'))).join('\n');
  const called = [...new Set([...code.matchAll(/\b(?:client|web)\.((?:chat|users|conversations|views|auth|usergroups)\.\w+)\(/g)].map((match) => match[1]!))];
  expect(called.length).toBeGreaterThan(4);
  expect(called.filter((method) => !SCOPES[method])).toEqual([]);
  expect([...manifest.oauth_config.scopes.bot!].sort()).toEqual([...new Set([...called.flatMap((method) => SCOPES[method]!), ...(code.includes('app.command(') ? ['commands'] : [])])].sort());
  expect(Object.keys(manifest.oauth_config.scopes)).toEqual(['bot']);
});
test('the command is the one that the app answers', () => {
  expect(manifest.features.slash_commands).toEqual([expect.objectContaining({ command: JIT_COMMAND, url: manifest.settings.interactivity.request_url })]);
});
test('buttons are switched on, over TLS, at the path that the app serves', () => {
  expect(manifest.settings.interactivity).toMatchObject({ is_enabled: true, request_url: expect.stringMatching(/^https:\/\/.*\/slack\/events$/) });
});
