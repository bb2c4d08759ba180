/** The authorisation view of one account's IAM: what the policy engine needs, and no more. */
export interface Entity {
  name: string;
  path: string;
  arn: string;
  id: string;
  inline: Map<string, object>;
  attached: Set<string>;
  boundary: string | null;
  createdAt: number;
}
export interface User extends Entity { groups: Set<string> }
export interface Role extends Entity { trust: object }
export interface ManagedPolicy { arn: string; versions: Map<string, object>; current: string; next: number }

export class AccountIam {
  readonly users = new Map<string, User>();
  readonly roles = new Map<string, Role>();
  readonly groups = new Map<string, Entity>();
  /** Instance profile -> its role. */
  readonly profiles = new Map<string, string>();
  readonly policies = new Map<string, ManagedPolicy>();
}

/** Service control policies: which apply where. */
export class Organization {
  management: string | null = null;
  id: string | null = null;
  root: string | null = null;
  readonly parents = new Map<string, string>();
  readonly attached = new Map<string, Set<string>>();
  readonly documents = new Map<string, object>();
  delegatedAdmins = new Set<string>();

  /** From the root down to the account, with each level's policies; empty for the management account, which SCPs never bind. */
  levels(account: string): { target: string; policies: string[] }[] {
    if (!this.management || account === this.management) return [];
    const path: string[] = [account];
    for (let at = this.parents.get(account); at; at = this.parents.get(at)) path.unshift(at);
    return path.map((target) => ({ target, policies: [...(this.attached.get(target) ?? [fullAccess])] }));
  }
}

export const fullAccess = 'p-FullAWSAccess';

/** Everything that authorisation knows, fed by the calls that passed through the gateway. */
export class Estate {
  readonly #accounts = new Map<string, AccountIam>();
  readonly organization = new Organization();
  /** S3 bucket -> owner account, and its resource policy. */
  readonly buckets = new Map<string, { account: string; region: string; policy: object | null; block: { policy: boolean; restrict: boolean } }>();
  /** Lambda resource policies are kept by the emulator; nothing here needs them. */
  readonly #due: { at: number; change: () => void }[] = [];

  constructor(private readonly now: () => number, private lagMs: number) {}

  account(id: string): AccountIam {
    let account = this.#accounts.get(id);
    if (!account) this.#accounts.set(id, (account = new AccountIam()));
    return account;
  }
  known(id: string): boolean {
    return this.#accounts.has(id);
  }
  setLag(ms: number): void {
    this.lagMs = ms;
  }
  get lag(): number {
    return this.lagMs;
  }
  /** IAM is eventually consistent: a change is accepted now and takes effect after the lag. */
  later(change: () => void): void {
    if (this.lagMs <= 0 && !this.#due.length) return change();
    this.#due.push({ at: this.now() + this.lagMs, change });
  }
  /** Applies what is due; called before every decision. Changes keep their order. */
  settle(): void {
    while (this.#due.length && this.#due[0]!.at <= this.now()) this.#due.shift()!.change();
  }
}
