import type { Config } from '../config/schema';
import type { RunningRole } from '../run-worker';

/** Every process of an installation; each starts with only its own credentials in its environment. */
export const roles = {
  workflows: { needs: 'Temporal', start: async (config) => (await import('./workflows.js')).startWorkflows(config) },
  case: { needs: 'evidence store, tickets, Slack, mail', start: async (config) => (await import('./case.js')).startCase(config) },
  aws: { needs: 'AWS (responder roles)', start: async (config) => (await import('./aws.js')).startAws(config) },
  azure: { needs: 'Entra and Azure (the responder’s application)', start: async (config) => (await import('./azure.js')).startAzure(config) },
  'break-glass': { needs: 'the vault, AWS, Entra and Azure', start: async (config) => (await import('./break-glass.js')).startBreakGlass(config) },
  intake: { needs: 'sender keys', start: async (config) => (await import('./intake.js')).startIntake(config) },
  slack: { needs: 'Slack', start: async (config) => (await import('./slack.js')).startSlackEdge(config) },
  console: { needs: 'console token', start: async (config) => (await import('./console.js')).startConsole(config) },
} as const satisfies Record<string, { needs: string; start(config: Config): Promise<RunningRole> }>;

export type RoleName = keyof typeof roles;

/** Roles that this configuration has use for. */
export function rolesFor(config: Config): RoleName[] {
  return (Object.keys(roles) as RoleName[]).filter(
    (name) => (name !== 'aws' || config.aws) && (name !== 'azure' || config.azure) && (name !== 'break-glass' || config.vault) && (name !== 'slack' || config.slack) && (name !== 'console' || config.console),
  );
}
