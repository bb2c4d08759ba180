import { createSlackApp } from '../../approvals/slack';
import { fail } from '../../activities/boundary';
import { mayAsk } from '../../activities/jit/case';
import { createGrantPort } from '../../approvals/grants';
import { createApprovalPort } from '../../approvals/temporal';
import { grantableRoles } from '../config/jit';
import type { Config } from '../config/schema';
import { readSecret } from '../config/secret';
import { addressOf } from '../listen';
import { createLogger } from '../log';
import { directoryOf } from '../notify';
import type { RunningRole } from '../run-worker';
import { connectClient } from '../temporal';

/** Faces Slack: signed clicks in, votes out. Holds no cloud credential. */
export async function startSlackEdge(config: Config): Promise<RunningRole> {
  const { slack } = config;
  if (!slack) throw fail('INVALID_CONFIG', 'slack: the Slack role needs a slack section');
  const client = await connectClient(config);
  const { hostname, port } = addressOf(slack.listen);
  const app = createSlackApp({
    ...createApprovalPort(client), signingSecret: readSecret(slack.signingSecret), botToken: readSecret(slack.botToken), slackApiUrl: slack.apiUrl ?? undefined,
    directory: directoryOf(config), log: createLogger('slack'), port, host: hostname, socketMode: slack.appToken ? { appToken: readSecret(slack.appToken) } : null, consoleUrl: config.console?.url ?? null,
    jit: {
      grants: createGrantPort(client, 2_400),
      rolesFor: (person) => grantableRoles(config).filter((role) => mayAsk(role, person)).map(({ name, accountName, maxMs }) => ({ role: name, account: accountName, maxMs })),
    },
  });
  await app.start();
  let finished = (): void => undefined;
  const ended = new Promise<void>((done) => (finished = done));
  return {
    ended,
    stop: async () => {
      await app.stop();
      await client.connection.close();
      finished();
    },
  };
}
