import type { Artifact } from '../../../../playbook/model/finding';
import { counted, named, withDetails } from '../../../artifacts';
import { at } from '../../graph';
import { createReader, defineCheck, each, LAG, trailPermissions } from '../check';
import { trail } from '../trail';

const KINDS: ReadonlySet<Artifact['kind']> = new Set(['user', 'group', 'service-principal', 'role', 'policy', 'policy-attachment', 'access-key', 'login-profile', 'mfa-device', 'trust']);
const PATHS: Partial<Record<Artifact['kind'], string>> = { user: 'users', group: 'groups' };

/** 1.3.6: users, applications, credentials, roles, grants, policies and sign-in methods made or changed. */
export const identities = defineCheck('1.3.6-identities', [...trailPermissions, 'User.Read.All', 'Group.Read.All', 'Application.Read.All'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const graph = ctx.access.graph(seen.tenant);
  const artifacts = await each(seen.artifacts.filter((one) => KINDS.has(one.kind)), 4, async (one): Promise<Artifact> => {
    const path = one.kind === 'service-principal' ? (one.details.object === 'application' ? 'applications' : 'servicePrincipals') : PATHS[one.kind];
    if (!path || one.how === 'deleted') return one;
    const { exists } = await reader.exists(`${one.kind} ${one.name}`.slice(0, 200), () => graph.get(`/${path}${at`/${one.id}`}`, { select: 'id' }));
    return withDetails(one, { exists });
  });
  return {
    found: artifacts.length > 0, summary: artifacts.length > 0 ? `${artifacts.length} identities, credentials and grants made or changed (${counted(artifacts)}): ${named(artifacts, 12)}` : 'no identity, credential or grant was made or changed',
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { attackers: artifacts.filter((one) => one.attribution === 'attacker').length },
    records: seen.events.map((one) => one.record).filter((record) => record.log === 'directory' || /^microsoft\.(authorization|managedidentity|managedservices)\//i.test(record.event)), notes: [LAG],
  };
});
