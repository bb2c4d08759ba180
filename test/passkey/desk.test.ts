import { fingerprintOf, Register, RegisterTampered } from '../../approvals/passkey';
import { SoftPasskey } from '../../sandbox/passkey';
import { OTHER_DIGEST, request } from '../approvals/fixtures';
import { APPROVAL, KEY, Office, PARTY, person, refusal } from './desk';

describe('confirming with a passkey', () => {
  test('the passkey of the person who clicked decides; the workflow gets all that is needed to verify it again', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    expect(await refusal(office.confirmWith(mia))).toMatch(/approve the question in Slack first/);
    office.asked.click('mia');
    expect(await office.confirmWith(mia)).toBe('approved');
    expect(office.asked.confirmed[0]).toMatchObject({ person: 'mia', digest: request().digest, assertion: { type: 'public-key' } });
  });

  test('somebody else’s passkey confirms only their own yes', async () => {
    const office = new Office();
    await office.enrol('mia');
    const ben = await office.enrol('ben');
    office.asked.click('mia');
    expect(await office.confirmWith(ben)).toBe('VOTER_NOT_ALLOWED');
    expect(office.asked.state.status).toBe('open');
  });

  test('a person without a passkey is told how to get one', async () => {
    const office = new Office();
    office.asked.click('mia');
    expect(await refusal(office.desk.confirmQuestion(APPROVAL))).toMatch(/passkey invite --person mia/);
  });

  test('an answer is good once, whatever came of it', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    office.asked.click('mia');
    const { nonce, options } = await office.desk.confirmQuestion(APPROVAL);
    const assertion = mia.authenticate(options);
    expect(await office.desk.confirm(APPROVAL, nonce, assertion)).toMatchObject({ ok: true });
    expect(await refusal(office.desk.confirm(APPROVAL, nonce, assertion))).toMatch(/too old, or was answered already/);
    // Played again under a new challenge: it signed the old one.
    const again = await office.desk.signInQuestion();
    expect(await refusal(office.desk.signIn(again.nonce, assertion))).toMatch(/another question/);
  });

  test('an answer to another plan’s challenge does not count', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    office.asked.click('mia');
    const other = await office.desk.ask({ purpose: 'confirm', subject: APPROVAL, digest: OTHER_DIGEST }, []);
    const { nonce } = await office.desk.confirmQuestion(APPROVAL);
    expect(await refusal(office.desk.confirm(APPROVAL, nonce, mia.authenticate(other.options)))).toMatch(/another question/);
    // The nonce of that other plan itself: signed rightly, refused by the rules.
    const stale = await office.desk.ask({ purpose: 'confirm', subject: APPROVAL, digest: OTHER_DIGEST }, []);
    expect(await office.desk.confirm(APPROVAL, stale.nonce, mia.authenticate(stale.options))).toMatchObject({ ok: false, code: 'APPROVAL_DIGEST' });
    // And the nonce of another question.
    const elsewhere = await office.desk.ask({ purpose: 'confirm', subject: 'apr-ffffffffffffffffffff', digest: request().digest }, []);
    expect(await refusal(office.desk.confirm(APPROVAL, elsewhere.nonce, mia.authenticate(elsewhere.options)))).toMatch(/too old, or was answered already/);
    expect(office.asked.state.status).toBe('open');
  });

  test('an answer that comes too late does not count', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    office.asked.click('mia');
    const { nonce, options } = await office.desk.confirmQuestion(APPROVAL);
    office.now += 5 * 60_000;
    expect(await refusal(office.desk.confirm(APPROVAL, nonce, mia.authenticate(options)))).toMatch(/too old/);
  });

  test.each<[string, ConstructorParameters<typeof SoftPasskey>[1], RegExp]>([
    ['without verifying the person', { unverified: true }, /did not verify the person/],
    ['on another page', { origin: 'https://tourniquet.example.com.evil.example' }, /another page/],
    ['as a key that is synced now', { synced: true }, /synced to other devices|does not hold/],
  ])('an authenticator that answers %s is refused', async (_name, quirks, words) => {
    const office = new Office();
    const mia = await office.enrol('mia');
    office.asked.click('mia');
    Object.assign(mia.quirks, quirks);
    expect(await refusal(office.confirmWith(mia))).toMatch(words);
    expect(office.asked.state.status).toBe('open');
  });

  test('a copied key: the counter does not move forward, the key is revoked and people are woken', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    const thief = mia.clone();
    office.asked.click('mia');
    const { nonce, options } = await office.desk.signInQuestion();
    expect(await office.desk.signIn(nonce, mia.authenticate(options))).toBe('mia');
    expect(await refusal(office.confirmWith(thief))).toMatch(/counter that was seen before: it was revoked/);
    expect(office.told).toContainEqual(expect.objectContaining({ level: 'page', title: 'A passkey of mia may have been copied' }));
    expect(await refusal(office.confirmWith(mia))).toMatch(/no passkey is registered/);
  });

  test('of two answers with the same counter at the same time one is refused', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    const thief = mia.clone();
    const [one, two] = [await office.desk.signInQuestion(), await office.desk.signInQuestion()];
    const ends = await Promise.allSettled([office.desk.signIn(one.nonce, mia.authenticate(one.options)), office.desk.signIn(two.nonce, thief.authenticate(two.options))]);
    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a signature that was tampered with, a stranger’s key, and rubbish are refused', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    const ask = () => office.desk.signInQuestion();
    const first = await ask();
    const bent = mia.authenticate(first.options);
    const response = bent['response'] as Record<string, string>;
    response['signature'] = `${response['signature']!.slice(0, -4)}AAAA`;
    expect(await refusal(office.desk.signIn(first.nonce, bent))).toMatch(/does not hold/);
    const stranger = new SoftPasskey(PARTY.origin);
    stranger.register({ challenge: 'x', rp: { id: PARTY.rpId }, user: { id: 'eA' } });
    const second = await ask();
    expect(await refusal(office.desk.signIn(second.nonce, stranger.authenticate(second.options)))).toMatch(/not registered here/);
    for (const rubbish of [{}, { id: 7 }, { id: 'x'.repeat(3_000) }, { id: fingerprintOf('x'), response: null }]) {
      const { nonce } = await ask();
      expect(await refusal(office.desk.signIn(nonce, rubbish as never))).toMatch(/not an answer|not registered/);
    }
  });

  test('a person who has left signs in nowhere', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    office.people = [person('mia', { active: false })];
    const { nonce, options } = await office.desk.signInQuestion();
    expect(await refusal(office.desk.signIn(nonce, mia.authenticate(options)))).toMatch(/not active/);
  });
});

describe('registering', () => {
  test('an invitation works once, also across a restart, and people are told', async () => {
    const office = new Office();
    const { token } = await office.desk.register.invite('mia', 'admin', 3_600_000);
    office.open();
    const { nonce, options, person: whose } = await office.enrolment.question(token);
    expect(whose).toBe('mia');
    await office.enrolment.register(token, nonce, new SoftPasskey(PARTY.origin).register(options));
    expect(office.told).toContainEqual(expect.objectContaining({ level: 'warn', title: 'mia registered a passkey' }));
    office.open();
    expect(await refusal(office.enrolment.question(token))).toMatch(/used, expired or not known/);
    expect(await office.desk.register.all(['mia'])).toHaveLength(1);
    expect(JSON.stringify([...office.store.objects].map(([key, value]) => key + value.toString()))).not.toContain(token);
  });

  test('of ten who use it at the same time one wins', async () => {
    const office = new Office();
    const { token } = await office.desk.register.invite('mia', 'admin', 3_600_000);
    const asked = await Promise.all(Array.from({ length: 10 }, () => office.enrolment.question(token)));
    const ends = await Promise.allSettled(asked.map(({ nonce, options }) => office.enrolment.register(token, nonce, new SoftPasskey(PARTY.origin).register(options))));
    expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(1);
    expect(await office.desk.register.all()).toHaveLength(1);
  });

  test.each<[string, (office: Office, token: string) => Promise<unknown>]>([
    ['expired', (office, token) => { office.now += 3_600_000; return office.enrolment.question(token); }],
    ['made up', (office) => office.enrolment.question('x'.repeat(43))],
    ['a path', (office) => office.enrolment.question('../../keys/x'.padEnd(30, 'x'))],
    ['missing', (office) => office.enrolment.question(undefined)],
    ['for somebody who has left', (office, token) => { office.people = []; return office.enrolment.question(token); }],
  ])('an invitation that is %s is refused', async (_name, use) => {
    const office = new Office();
    const { token } = await office.desk.register.invite('mia', 'admin', 3_600_000);
    expect(await refusal(use(office, token))).toMatch(/used, expired or not known/);
  });

  test.each<[string, ConstructorParameters<typeof SoftPasskey>[1], RegExp]>([
    ['without verifying the person', { unverified: true }, /did not verify the person/],
    ['of a synced kind', { synced: true }, /synced to other devices/],
    ['on another page', { origin: 'https://evil.example' }, /another page/],
  ])('a passkey made %s is not registered', async (_name, quirks, words) => {
    const office = new Office();
    expect(await refusal(office.enrol('mia', quirks))).toMatch(words);
    expect(await office.desk.register.all()).toEqual([]);
  });

  test('synced passkeys are taken where the configuration allows them', async () => {
    const office = new Office({ ...PARTY, backedUp: 'allow' });
    const mia = await office.enrol('mia', { synced: true });
    office.asked.click('mia');
    expect(await office.confirmWith(mia)).toBe('approved');
  });

  test('the same challenge cannot be answered by another invitation', async () => {
    const office = new Office();
    const one = await office.desk.register.invite('mia', 'admin', 3_600_000);
    const two = await office.desk.register.invite('ben', 'admin', 3_600_000);
    const { nonce, options } = await office.enrolment.question(one.token);
    expect(await refusal(office.enrolment.register(two.token, nonce, new SoftPasskey(PARTY.origin).register(options)))).toMatch(/too old/);
  });
});

describe('the register', () => {
  test('what was planted, changed or moved in the store is refused, and never used', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    await office.enrol('ben');
    const [first, second] = [...office.store.objects.keys()].filter((key) => key.startsWith('passkeys/keys/')) as [string, string];
    const whole = office.store.objects.get(first)!;
    const changes: [string, Buffer][] = [
      [first, Buffer.from(whole.toString().replace(/"person":"\w+"/, '"person":"eve"'))],
      [second, whole],
      [first, Buffer.from('{"body":{"person":"mia"},"mac":"00"}')],
      [first, Buffer.from('not json')],
      [first, Buffer.from('null')],
    ];
    for (const [key, content] of changes) {
      const before = new Map(office.store.objects);
      office.store.objects.set(key, content);
      await expect(office.desk.register.all()).rejects.toThrow(RegisterTampered);
      office.store.objects.clear();
      for (const [name, value] of before) office.store.objects.set(name, value);
    }
    const { nonce, options } = await office.desk.signInQuestion();
    expect(await office.desk.signIn(nonce, mia.authenticate(options))).toBe('mia');
  });

  test('another key opens nothing; an older key goes on opening after a new one came', async () => {
    const office = new Office();
    await office.enrol('mia');
    await expect(new Register(office.store, [Buffer.alloc(32, 8)]).all()).rejects.toThrow(RegisterTampered);
    expect(await new Register(office.store, [Buffer.alloc(32, 8), KEY]).all()).toHaveLength(1);
    expect(() => new Register(office.store, [Buffer.alloc(16)])).toThrow(/32 bytes/);
    expect(() => new Register(office.store, [])).toThrow(/32 bytes/);
  });

  test('a revoked passkey is out at once and for good; it holds public material only', async () => {
    const office = new Office();
    const mia = await office.enrol('mia');
    const [one] = await office.desk.register.all(['mia']);
    expect(Object.keys(one!).sort()).toEqual(['aaguid', 'backedUp', 'credentialId', 'deviceType', 'invitedBy', 'person', 'publicKey', 'registeredAt', 'transports']);
    expect(await office.desk.register.revoke(one!.credentialId, 'admin', 'lost')).toBe(true);
    expect(await office.desk.register.revoke(one!.credentialId, 'admin', 'lost')).toBe(false);
    const { nonce, options } = await office.desk.signInQuestion();
    expect(await refusal(office.desk.signIn(nonce, mia.authenticate(options)))).toMatch(/revoked/);
    expect(await office.desk.register.all()).toEqual([]);
  });

  test('an authenticator without a counter is taken; one that had a counter and shows none is not', async () => {
    const office = new Office();
    const { register } = office.desk;
    expect(await register.advance('a', 0)).toBe(true);
    expect(await register.advance('a', 0)).toBe(true);
    expect([await register.advance('b', 3), await register.advance('b', 3), await register.advance('b', 2), await register.advance('b', 0), await register.advance('b', 12)]).toEqual([true, false, false, false, true]);
  });
});
