import type { Sealed } from '../../playbook/break-glass-person';
import { ClaimingPage, SoftPasskey } from '../../sandbox/passkey';
import type { Config } from '../../workers/config/schema';
import { relyingParty } from '../../workers/config/passkeys';
import { passkeyRegister } from '../../workers/passkeys';

const DAY_MS = 86_400_000;

/** The people's authenticators in `--auto`: software in this process, real answers to the console's own pages. */
export class DemoPasskeys {
  private readonly held = new Map<string, SoftPasskey>();
  readonly origin: string;

  constructor(private readonly config: Config) {
    this.origin = relyingParty(config)!.origin;
  }

  /** As `tourniquet passkey invite` makes it. */
  async invite(person: string): Promise<string> {
    const { token } = await passkeyRegister(this.config).invite(person, 'the demo', DAY_MS);
    return `${this.origin}/register#${token}`;
  }

  /** Opens the page of a question as this person and answers it with their passkey; says what the page says. */
  async confirm(person: string, approval: string): Promise<string> {
    const passkey = await this.of(person);
    const cookie = await this.signIn(passkey);
    const { nonce, options } = await this.post(`/confirm/${approval}/options`, {}, cookie);
    return String((await this.post(`/confirm/${approval}`, { nonce, response: passkey.authenticate(options as object) }, cookie)).said);
  }

  /** Opens the page of a request as this person and claims it with their passkey; what only that page can open. Throws with the page's words. */
  async claim(person: string, request: string): Promise<Record<string, string>> {
    const passkey = await this.of(person);
    const cookie = await this.signIn(passkey);
    const page = new ClaimingPage();
    const { nonce, options } = await this.post(`/claim/${request}/options`, { sealTo: page.sealTo }, cookie);
    await this.post(`/claim/${request}`, { nonce, response: passkey.authenticate(options as object) }, cookie);
    for (;;) {
      const { sealed, status } = (await this.post(`/claim/${request}/sealed`, {}, cookie)) as { sealed: Sealed | null; status: string };
      if (sealed) {
        const credential = page.open(request, sealed);
        await this.post(`/claim/${request}/opened`, {}, cookie);
        return credential;
      }
      if (status !== 'lending') throw new Error(`it could not be handed over: ${status}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** The person's authenticator, registered by invitation at its first use. */
  async of(person: string): Promise<SoftPasskey> {
    const known = this.held.get(person);
    if (known) return known;
    const token = (await this.invite(person)).split('#')[1]!;
    const passkey = new SoftPasskey(this.origin);
    const { nonce, options } = await this.post('/register/options', { token });
    await this.post('/register', { token, nonce, response: passkey.register(options as object) });
    this.held.set(person, passkey);
    return passkey;
  }

  /** A session of the console; its cookie. */
  async signIn(passkey: SoftPasskey): Promise<string> {
    const { nonce, options } = await this.post('/sign-in/options', {});
    const answer = await this.send('/sign-in', { nonce, response: passkey.authenticate(options as object) });
    return answer.headers.get('set-cookie')!.split(';')[0]!;
  }

  async post(path: string, body: object, cookie?: string): Promise<Record<string, unknown>> {
    return (await (await this.send(path, body, cookie)).json()) as Record<string, unknown>;
  }

  private async send(path: string, body: object, cookie?: string): Promise<Response> {
    const answer = await fetch(`${this.origin}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...(cookie && { cookie }) }, body: JSON.stringify(body), redirect: 'manual' });
    if (answer.ok) return answer;
    const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
    throw new Error(message ?? `the console answered ${answer.status} to ${path}`);
  }
}
