/** A person as the directory knows them, with every identity that is theirs. */
export interface Person {
  /** Canonical id, e.g. `ada`: all linked identities fold into it. */
  id: string;
  name: string;
  email: string;
  /** Slack workspace and member id: both must match, e-mail never does. */
  slack: { team: string; user: string } | null;
  /** IAM ARNs, Identity Center user names, Entra object ids that belong to this person. */
  identities: string[];
  /** `manager`, `security`, `ciso`, … used by approver sets. */
  roles: string[];
  /** Person id; asked when this person may not decide or is gone. */
  manager?: string | null;
  /** Their own Ed25519 public keys for signed votes, 32 bytes in hex each. */
  keys?: string[];
  /** How the organisation’s identity provider names them (`sub`, or Entra’s `oid`), for votes after a sign-in. */
  oidc?: string | null;
  /** False: has left or is suspended; may decide nothing. */
  active: boolean;
}

/** The canonical person behind a cloud identity, or null. */
export function personOf(people: readonly Person[], identity: string): Person | null {
  const wanted = identity.toLowerCase();
  return people.find((person) => person.identities.some((own) => own.toLowerCase() === wanted)) ?? null;
}
