import { approvalPolicy, checkConfirmation, openApproval, viewOf, type ApprovalState } from '../../approvals/policy';
import { Enrolment, PasskeyDesk, type ClaimPort, type ClaimView, type RegisterStore, type RelyingParty } from '../../approvals/passkey';
import type { ConfirmationPort } from '../../approvals/ports';
import type { Claim, Sealed } from '../../playbook/break-glass-person';
import type { Confirmation } from '../../playbook/model/approval';
import type { Person } from '../../playbook/model/people';
import { SoftPasskey, type Quirks } from '../../sandbox/passkey';
import { request, vote } from '../approvals/fixtures';

export const PARTY: RelyingParty = { origin: 'https://tourniquet.example.com', rpId: 'tourniquet.example.com', backedUp: 'refuse' };
export const KEY = Buffer.alloc(32, 7);
export const APPROVAL = request().id;

export class MemoryStore implements RegisterStore {
  readonly objects = new Map<string, Buffer>();
  putIfAbsent(key: string, content: Uint8Array): Promise<boolean> {
    if (this.objects.has(key)) return Promise.resolve(false);
    this.objects.set(key, Buffer.from(content));
    return Promise.resolve(true);
  }
  get(key: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.objects.get(key) ?? null);
  }
  list(prefix: string): Promise<string[]> {
    return Promise.resolve([...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort());
  }
}

/** The approval workflow's rules, without Temporal. */
export class Asked implements ConfirmationPort {
  state: ApprovalState;
  readonly confirmed: Confirmation[] = [];
  constructor(private readonly now: () => number, over: Parameters<typeof request>[0] = {}) {
    this.state = openApproval(request({ tier: 'break-glass', quorum: 1, secondFactor: true, ...over }), now());
    this.send({ type: 'opened', now: now() });
  }
  private send(event: Parameters<typeof approvalPolicy>[1]): void {
    const step = approvalPolicy(this.state, event);
    this.state = step.state;
    for (const effect of step.effects) if (effect.type === 'lookUpApprovers') this.send({ type: 'approversLookedUp', generation: effect.generation, approvers: ['ada', 'ben', 'mia'], now: this.now() });
  }
  click(person: string): void {
    this.send({ type: 'vote', vote: vote(person, 'approve', { digest: this.state.request.digest }), now: this.now() });
  }
  stateOf(approval: string) {
    return Promise.resolve(approval === this.state.request.id ? viewOf(this.state) : null);
  }
  confirm(_approval: string, confirmation: Confirmation) {
    const refusal = checkConfirmation(this.state, confirmation, this.now());
    if (refusal) return Promise.resolve({ ok: false as const, ...refusal });
    this.confirmed.push(confirmation);
    this.send({ type: 'confirmed', confirmation, now: this.now() });
    return Promise.resolve({ ok: true as const, state: viewOf(this.state) });
  }
}

export const REQUEST = 'bgp-0123456789abcdef0123';

/** The workflow of one person's request, without Temporal: `handOver` is what the vault's worker would do. */
export class Requested implements ClaimPort {
  claimed: Claim | null = null;
  said: string[] = [];
  private blob: Sealed | null = null;
  view: ClaimView = { id: REQUEST, what: 'root password of management', account: '111111111111', requester: 'ada', reason: 'close the support case', ttlMs: 1_800_000, digest: 'c'.repeat(64), status: 'ready', bypassed: false, until: null, outcome: null };
  handOver: (claim: Claim) => Sealed | null = () => null;

  stateOf(id: string) {
    return Promise.resolve(id === REQUEST ? this.view : null);
  }
  claim(_id: string, claim: Claim) {
    if (this.claimed) return Promise.resolve({ refused: 'It was claimed already: each approval shows it once.' });
    if (claim.person !== this.view.requester) return Promise.resolve({ refused: 'Only the person who asked may have it.' });
    this.claimed = claim;
    this.blob = this.handOver(claim);
    this.view = { ...this.view, status: 'shown', until: '2026-03-01T15:00:00.000Z' };
    return Promise.resolve({ refused: null });
  }
  sealed() {
    return Promise.resolve(this.blob);
  }
  opened(_id: string, by: string) {
    this.said.push(`opened by ${by}`);
    this.blob = null;
    return Promise.resolve({ refused: null });
  }
  giveBack(_id: string, by: string) {
    if (by !== this.view.requester) return Promise.resolve({ refused: 'Only the person who asked may do that.' });
    this.said.push(`given back by ${by}`);
    return Promise.resolve({ refused: null });
  }
}

export const person = (id: string, over: Partial<Person> = {}): Person => ({ id, name: id, email: `${id}@example.com`, slack: null, identities: [], roles: ['manager'], active: true, ...over });

/** A desk with a clock that the test moves, people, and a question that is asked. */
export class Office {
  now = Date.parse('2026-03-01T14:00:00Z');
  people = [person('ada'), person('ben'), person('mia')];
  readonly store = new MemoryStore();
  readonly told: { level: string; title: string }[] = [];
  readonly asked = new Asked(() => this.now);
  readonly claims = new Requested();
  desk: PasskeyDesk;
  enrolment: Enrolment;

  constructor(readonly party: RelyingParty = PARTY) {
    [this.desk, this.enrolment] = this.open();
  }

  /** As after a restart: nothing is left but the store. */
  open(): [PasskeyDesk, Enrolment] {
    const desk = new PasskeyDesk({
      store: this.store, keys: [KEY], party: this.party, people: () => Promise.resolve(this.people), approvals: this.asked, now: () => this.now,
      tell: (notice) => Promise.resolve(void this.told.push(notice)),
    });
    this.desk = desk;
    this.enrolment = new Enrolment(desk);
    return [desk, this.enrolment];
  }

  async enrol(id: string, quirks: Quirks = {}): Promise<SoftPasskey> {
    const { token } = await this.desk.register.invite(id, 'admin', 3_600_000);
    const soft = new SoftPasskey(this.party.origin, quirks);
    const { nonce, options } = await this.enrolment.question(token);
    await this.enrolment.register(token, nonce, soft.register(options));
    return soft;
  }

  async confirmWith(soft: SoftPasskey, approval = APPROVAL): Promise<string> {
    const { nonce, options } = await this.desk.confirmQuestion(approval);
    const done = await this.desk.confirm(approval, nonce, soft.authenticate(options));
    return done.ok ? done.state.status : done.code;
  }
}

/** What a refusal says; fails the test when nothing is refused. */
export const refusal = (work: Promise<unknown>): Promise<string> => work.then((value) => { throw new Error(`not refused: ${JSON.stringify(value)}`); }, (error: unknown) => (error instanceof Error ? error.message : String(error)));
