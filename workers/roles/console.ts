import { fail } from '../../activities/boundary';
import { createApprovalPort } from '../../approvals/temporal';
import { createConsole, tokenAuth } from '../../console';
import type { Config } from '../config/schema';
import { readSecret } from '../config/secret';
import { claimPort } from '../claim-port';
import { missingSecondFactor } from '../config/passkeys';
import { codecPort, evidencePort, incidentsPort } from '../console-ports';
import { evidenceStore } from '../evidence';
import { serveRole } from '../listen';
import { createLogger } from '../log';
import { oidcPort } from '../oidc';
import { passkeyDesk, passkeyPort } from '../passkeys';
import type { RunningRole } from '../run-worker';
import { codecOf, connectClient } from '../temporal';

/** The web page and the Temporal UI's codec endpoint; takes the votes of people who signed in with their passkey. */
export async function startConsole(config: Config): Promise<RunningRole> {
  const settings = config.console;
  if (!settings) throw fail('INVALID_CONFIG', 'console: the console role needs a console section');
  const client = await connectClient(config);
  const log = createLogger('console');
  const warning = missingSecondFactor(config);
  if (warning) log.warn({}, warning);
  const { uiUrl, namespace } = config.temporal;
  const { stateOf, decide } = createApprovalPort(client, 10_000);
  const app = createConsole({
    approvals: { question: stateOf, decide },
    incidents: incidentsPort(client), evidence: evidencePort(evidenceStore(config), config.people), codec: codecPort(codecOf(config)),
    auth: tokenAuth([{ person: 'console', token: () => readSecret(settings.token) }]), passkeys: passkeyPort(passkeyDesk(config, client), claimPort(client)), oidc: oidcPort(config, client), log, uiOrigin: settings.uiOrigin,
    workflowUrl: uiUrl ? (incident) => `${uiUrl}/namespaces/${namespace}/workflows/${incident}` : null, secureCookies: settings.url?.startsWith('https:') ?? false, codecTokenInPath: settings.codecTokenInPath,
  });
  return serveRole(app.fetch, settings.listen, () => client.connection.close());
}
