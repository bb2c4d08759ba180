import { globMatches } from '../glob';
import { personOf, type Person } from '../model/people';
import type { NamedOwner, Owner, Subject } from './model';

export interface OwnerRules {
  /** Names of tags that name an owner, the first that is there counts; compared without case. */
  tags: readonly string[];
  /** `subject` is an id or name, `*` allowed. */
  register: readonly { subject: string; owner: string }[];
}

/**
 * Who is asked about a subject: the person that its tag names, else the register's, else whom the cloud names as its owner, else the manager of the person whose identity it is.
 * A tag is only a name: it counts when it is exactly one active person of the directory. Nobody decides about their own identity or on their own request:
 * then their manager is asked.
 */
export function ownerOf(subject: Pick<Subject, 'id' | 'name' | 'of'>, tags: Readonly<Record<string, string>>, people: readonly Person[], rules: OwnerRules, requester: string | null, owners: readonly NamedOwner[] = []): Owner {
  const own = [subject.id, subject.name, subject.of].flatMap((one) => (one ? personOf(people, one)?.id ?? [] : []));
  const recused = [...new Set(own)];
  const barred = new Set([...recused, ...(requester ? [requester] : [])]);
  const candidates = [
    ...rules.tags.flatMap((name) => { const value = tags[name.toLowerCase()]; return value === undefined ? [] : [{ person: named(people, value), because: `tag ${name}` }]; }),
    ...rules.register.filter((one) => [subject.id, subject.name].some((text) => globMatches(one.subject, text))).map((one) => ({ person: people.find((person) => person.id === one.owner) ?? null, because: 'register' })),
    ...owners.map(({ names, because }) => ({ person: names.map((name) => named(people, name)).find((one) => one !== null) ?? null, because })),
    ...recused.map((id) => ({ person: people.find((person) => person.id === id) ?? null, because: 'their own identity' })),
  ];
  for (const { person, because } of candidates) {
    const found = person && firstUnbarred(person, people, barred);
    if (!found) continue;
    const manager = managerOf(found, people);
    const backup = manager && manager.active && !barred.has(manager.id) ? [manager.id] : [];
    return { owner: found.id, backup, because: found === person ? because : `${because}: manager of ${person!.id}`, recused };
  }
  return { owner: null, backup: [], because: candidates.length === 0 ? 'no tag, no entry in the register, nobody’s own identity' : 'whoever is named has left, is not one person of the directory, or may not decide this', recused };
}

/** The one active or former person that a tag's text names: by id, address, or identity. Two are none. */
function named(people: readonly Person[], value: string): Person | null {
  const wanted = value.trim().toLowerCase();
  if (wanted === '') return null;
  const found = people.filter((person) => [person.id, person.email, ...person.identities].some((one) => one.toLowerCase() === wanted));
  return found.length === 1 ? found[0]! : null;
}

const managerOf = (person: Person, people: readonly Person[]): Person | null => people.find((one) => one.id === person.manager) ?? null;

/** The person, or up the line the first who is here and may decide. A circle ends. */
function firstUnbarred(person: Person, people: readonly Person[], barred: ReadonlySet<string>): Person | null {
  const seen = new Set<string>();
  for (let at: Person | null = person; at && !seen.has(at.id); at = managerOf(at, people)) {
    if (at.active && !barred.has(at.id)) return at;
    seen.add(at.id);
  }
  return null;
}
