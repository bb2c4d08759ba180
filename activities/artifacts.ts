import { artifactKey } from '../playbook/artifacts';
import type { JsonObject } from '../playbook/json';
import type { Artifact } from '../playbook/model/finding';

const MAX_EVENTS = 20;

/** The same thing seen in several events is one artifact; the last event says whose it is now, for what was made the first one does. */
export function merged(artifacts: readonly Artifact[]): Artifact[] {
  const byKey = new Map<string, Artifact>();
  for (const artifact of artifacts) {
    const known = byKey.get(artifactKey(artifact));
    if (!known) {
      byKey.set(artifactKey(artifact), artifact);
      continue;
    }
    const ruling = artifact.how === 'created' ? known : artifact;
    byKey.set(artifactKey(artifact), {
      ...known, attribution: ruling.attribution, events: [...new Set([...known.events, ...artifact.events])].slice(0, MAX_EVENTS),
      details: { ...known.details, ...artifact.details, ...joined(known, artifact), why: ruling.details.why!, time: known.details.time!, event: ruling.details.event! },
    });
  }
  return [...byKey.values()];
}

/** What the attacker later did to a thing of his own goes with the thing: it is not to be put back. */
export function settled(artifacts: readonly Artifact[]): Artifact[] {
  const thing = (one: Artifact): string => [one.kind === 'trust' ? 'role' : one.kind, one.account, one.id].join('|');
  const part = (one: Artifact): string => [thing(one), ...['entity', 'policyName', 'group'].map((key) => String(one.details[key] ?? ''))].join('|');
  const created = artifacts.filter((one) => one.how === 'created' && one.attribution === 'attacker');
  // A policy attachment has the policy's id and is only gone with its own holder.
  const made = new Set([...created.filter((one) => one.kind !== 'policy-attachment').map(thing), ...created.map(part)]);
  return artifacts.filter((one) => one.how === 'created' || one.attribution !== 'attacker' || !(made.has(part(one)) || (one.kind !== 'policy-attachment' && made.has(thing(one)))));
}

/** What grows with every event, and what only the attacker’s first event knows: how the thing was before. */
function joined(a: Artifact, b: Artifact): JsonObject {
  const of = (one: Artifact): string[] => (Array.isArray(one.details.addedVersions) ? one.details.addedVersions.filter((version) => typeof version === 'string') : []);
  const versions = [...new Set([...of(a), ...of(b)])];
  const { previous } = a.details;
  return { ...(versions.length > 0 ? { addedVersions: versions } : {}), ...(a.attribution === 'attacker' && previous ? { previous } : {}) };
}

/** Adds what was read about the thing now. */
export function withDetails(artifact: Artifact, details: JsonObject): Artifact {
  return { ...artifact, details: { ...artifact.details, ...details } };
}

export function counted(artifacts: readonly Artifact[]): string {
  const attackers = artifacts.filter((one) => one.attribution === 'attacker').length;
  const others = artifacts.length - attackers;
  return `${attackers} by the attacker${others > 0 ? `, ${others} that cannot be attributed` : ''}`;
}

/** `bucket exfil, user helper2` … at most `limit`. */
export function named(artifacts: readonly Artifact[], limit = 8): string {
  const names = [...new Set(artifacts.map((one) => `${one.kind} ${one.name}`))];
  return names.slice(0, limit).join(', ') + (names.length > limit ? ` and ${names.length - limit} more` : '');
}
