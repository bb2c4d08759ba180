import { createConsole, tokenAuth } from '../../console';
import { fail } from '../../activities/boundary';
import { CASE, HOSTILE, INCIDENT } from '../report/sample';
import { optionsOf, TOKEN } from './sample';

const bearer = { authorization: `Bearer ${TOKEN}` };
const at = (path: string) => `https://console.example${path}`;
const get = (app: ReturnType<typeof createConsole>, path: string, headers: Record<string, string> = bearer) => app.request(at(path), { headers });
const form = (values: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST', headers: { origin: 'https://console.example', 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(values).toString(),
});

describe('signing in', () => {
  it('is asked for everywhere, and leads back', async () => {
    const app = createConsole(optionsOf());
    for (const path of ['/', '/incidents', `/incidents/${INCIDENT}`, `/cases/${CASE}/report`, `/cases/${CASE}/verify`]) {
      const answer = await get(app, path, {});
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, `/login?next=${encodeURIComponent(path)}`]);
    }
    expect((await get(app, '/healthz', {})).status).toBe(200);
  });
  it('by token gives a session that ends', async () => {
    let now = 0;
    const app = createConsole(optionsOf('', { now: () => now }));
    const answer = await app.request(at('/login'), form({ token: TOKEN, next: `/incidents/${INCIDENT}` }));
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/incidents/${INCIDENT}`]);
    const cookie = answer.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^__Host-tourniquet=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(cookie).not.toContain(TOKEN);
    const session = { cookie: cookie.split(';')[0]! };
    expect((await get(app, '/incidents', session)).status).toBe(200);
    now = 8 * 3_600_000;
    expect((await get(app, '/incidents', session)).status).toBe(303);
  });
  it('ends when signed out, on the server too', async () => {
    const app = createConsole(optionsOf());
    const session = { cookie: (await app.request(at('/login'), form({ token: TOKEN }))).headers.get('set-cookie')!.split(';')[0]! };
    expect((await app.request(at('/logout'), form({}, session))).status).toBe(303);
    expect((await get(app, '/incidents', session)).status).toBe(303);
  });
  it.each(['wrong', '', TOKEN.slice(0, -1), `${TOKEN}x`, '__proto__'])('refuses the token %j and logs no token', async (token) => {
    const options = optionsOf();
    const answer = await createConsole(options).request(at('/login'), form({ token }));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(JSON.stringify(options.logged)).not.toContain(token || 'nothing');
  });
  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', '/login?next=/x', '/\tevil', ''])('never leads to %j', async (next) => {
    const answer = await createConsole(optionsOf()).request(at('/login'), form({ token: TOKEN, next }));
    expect(answer.headers.get('location')).toBe('/incidents');
  });
  it('takes no form of another site', async () => {
    const answer = await createConsole(optionsOf()).request(at('/login'), form({ token: TOKEN }, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }));
    expect(answer.status).toBe(403);
  });
  it('takes no huge form', async () => {
    expect((await createConsole(optionsOf()).request(at('/login'), form({ token: 'x'.repeat(50_000) }))).status).toBe(413);
  });
  it('takes a bearer token, and says so when it is unknown', async () => {
    const app = createConsole(optionsOf());
    expect((await get(app, '/incidents')).status).toBe(200);
    for (const authorization of ['Bearer nobody', 'Basic eDp5', 'Bearer', `bearer  ${TOKEN}`]) expect((await get(app, '/incidents', { authorization })).status).toBe(401);
  });
});

describe('tokens from the configuration', () => {
  const auth = tokenAuth([{ person: 'ada', token: () => TOKEN }, { person: 'short', token: () => 'too-short' }]);
  it('are known by whom they belong to; a short one opens nothing', async () => {
    expect(await auth.whoIs(TOKEN)).toBe('ada');
    expect(await auth.whoIs('too-short')).toBeNull();
    expect(await auth.whoIs('')).toBeNull();
  });
});

describe('pages', () => {
  const text = async (path: string, hostile = '', more = {}) => (await get(createConsole(optionsOf(hostile, more)), path)).text();
  it('list the incidents, open ones first', async () => {
    const body = await text('/incidents');
    expect(body.indexOf(INCIDENT)).toBeLessThan(body.indexOf('inc-ffff'));
  });
  it('show one incident with its record, approvals, findings and links', async () => {
    const body = await text(`/incidents/${INCIDENT}`);
    for (const part of ['ci-deploy', 'Deny everything to the user', 'in effect', 'not in effect', 'Eradicate what the attacker planted', '1 of 2', '1.2.1 Who performed the action?', 'Break-glass ended: used', `/cases/${CASE}/report`, 'http://localhost:8233/namespaces']) {
      expect(body).toContain(part);
    }
  });
  it('show the latest of a long record, and all when asked', async () => {
    const { timelineOf } = await import('./sample');
    const entry = timelineOf()[0]!;
    const evidence = { ...optionsOf().evidence, timeline: async () => Array.from({ length: 400 }, (_, n) => ({ ...entry, seq: n + 1, text: `line-${n + 1}.` })) };
    const body = await text(`/incidents/${INCIDENT}`, '', { evidence });
    expect(body).toContain('line-400.');
    expect(body).not.toContain('line-100.');
    expect(await text(`/incidents/${INCIDENT}?all=1`, '', { evidence })).toContain('line-1.');
  });
  it.each(['/incidents', `/incidents/${INCIDENT}`])('%s is inert with hostile texts', async (path) => {
    const body = await text(path, HOSTILE);
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body.replace('<script src="/assets/live.js" defer></script>', '')).not.toMatch(/<script|<img|<[^>]*\bon\w+=|href="javascript/i);
    expect(body).not.toContain('\u202e');
  });
  it('have a policy without exceptions, and no inline style or script', async () => {
    const app = createConsole(optionsOf());
    for (const path of ['/incidents', `/incidents/${INCIDENT}`, `/cases/${CASE}/verify`, '/login']) {
      const answer = await get(app, path);
      const policy = answer.headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(await answer.text()).not.toMatch(/<style|style="|<script>|src="http/);
    }
  });
  it('the report has its own policy: its style and nothing else', async () => {
    const answer = await get(createConsole(optionsOf()), `/cases/${CASE}/report`);
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toMatch(/sandbox/);
    expect(policy).not.toMatch(/script-src/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const markdown = await get(createConsole(optionsOf()), `/cases/${CASE}/report?format=markdown`);
    expect(markdown.headers.get('content-disposition')).toBe(`attachment; filename="${CASE}.md"`);
  });
  it('say where evidence is broken', async () => {
    expect(await text(`/cases/${CASE}/verify`)).toContain('Entry 2 was changed after it was written.');
  });
  it.each(['/incidents/inc-..%2f..%2fetc', '/incidents/INC-0123456789abcdef0123', '/cases/..%2f..%2fx/report', `/cases/${INCIDENT}.0/report`, `/cases/${INCIDENT}.9/report`, `/incidents/${INCIDENT}?case=inc-ffffffffffffffffffff.1`, '/nothing', '/cases/__proto__/verify'])(
    '%s is not found', async (path) => {
      expect((await get(createConsole(optionsOf()), path)).status).toBe(404);
    },
  );
  it('are still there when Temporal or the evidence store is away', async () => {
    const away = async () => { throw fail('EVIDENCE_UNAVAILABLE', 'secret-path'); };
    const noEvidence = await text(`/incidents/${INCIDENT}`, '', { evidence: { cases: away, timeline: away, report: away, verify: away } });
    expect(noEvidence).toContain('The record cannot be read (EVIDENCE_UNAVAILABLE)');
    expect(noEvidence).toContain('Deny everything');
    expect(noEvidence).not.toContain('secret-path');
    const down = async () => { throw new Error('secret-host'); };
    const noTemporal = await text(`/incidents/${INCIDENT}`, '', { incidents: { list: down, get: down, approvals: down } });
    expect(noTemporal).toContain('Temporal does not answer');
    expect(noTemporal).toContain('Break-glass ended: used');
    expect(await text('/incidents', '', { incidents: { list: down, get: down, approvals: down } })).toContain('Temporal does not answer');
    const report = await get(createConsole(optionsOf('', { evidence: { cases: away, timeline: away, report: away, verify: away } })), `/cases/${CASE}/report`);
    expect(report.status).toBe(503);
    expect(await report.text()).not.toContain('secret-path');
  });
  it('show the record of an incident that Temporal has forgotten', async () => {
    const get404 = { ...optionsOf().incidents, get: async () => null };
    expect(await text(`/incidents/${INCIDENT}`, '', { incidents: get404 })).toContain('Break-glass ended: used');
  });
});

describe('the codec endpoint', () => {
  const decode = (headers: Record<string, string>, body: unknown = { payloads: [{ metadata: { encoding: 'YmluYXJ5' }, data: 'AAAA' }] }, more = {}) => {
    const options = optionsOf('', more);
    return { options, answer: createConsole(options).request(at('/codec/decode'), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) }) };
  };
  it('decodes for the UI of the configured origin, and logs who and how much', async () => {
    const { options, answer } = decode({ ...bearer, origin: 'http://localhost:8233', 'x-namespace': 'default' });
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'AAAA' }] });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:8233');
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(options.logged).toEqual([[{ person: 'console', namespace: 'default', payloads: 1 }, 'payloads decoded']]);
  });
  it('answers the browser’s question beforehand, to that origin only', async () => {
    const ask = (origin: string) => createConsole(optionsOf()).request(at('/codec/decode'), { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-namespace' } });
    const yes = await ask('http://localhost:8233');
    expect([yes.status, yes.headers.get('access-control-allow-origin')]).toEqual([204, 'http://localhost:8233']);
    for (const origin of ['http://localhost:8234', 'https://localhost:8233', 'http://localhost:8233.evil.example', 'null']) {
      const no = await ask(origin);
      expect([origin, no.status, no.headers.get('access-control-allow-origin')]).toEqual([origin, 403, null]);
    }
  });
  it('decodes for nobody else', async () => {
    expect((await decode({}).answer).status).toBe(401);
    expect((await decode({ authorization: 'Bearer nobody' }).answer).status).toBe(401);
    expect((await decode({ ...bearer, origin: 'https://evil.example' }).answer).status).toBe(403);
    expect((await decode({ ...bearer, origin: 'http://localhost:8233' }, undefined, { uiOrigin: null }).answer).status).toBe(403);
  });
  it.each(['', '[]', '{"payloads": 1}', '{"payloads":[{"data":"<script>"}]}', '{"payloads":[{"metadata":{"a":1}}]}'])('refuses %s', async (body) => {
    expect((await decode(bearer, body).answer).status).toBe(400);
  });
  it('refuses another content type, a huge body, and what the keys do not open', async () => {
    expect((await decode({ ...bearer, 'content-type': 'text/plain' }).answer).status).toBe(415);
    expect((await decode(bearer, { payloads: [{ data: 'A'.repeat(17_000_000) }] }).answer).status).toBe(413);
    const wrong = decode(bearer, undefined, { codec: { decode: async () => { throw new Error('secret-key-id'); } } });
    expect((await wrong.answer).status).toBe(400);
    expect(await (await wrong.answer).text()).not.toContain('secret-key-id');
    expect(wrong.options.logged[0]![1]).toBe('payloads could not be decoded');
  });
  it('takes the token in the address only when that is asked for', async () => {
    const ask = (token: string, more = {}) => createConsole(optionsOf('', more)).request(at(`/codec/${token}/decode`), { method: 'POST', headers: { origin: 'http://localhost:8233', 'content-type': 'application/json' }, body: '{"payloads":[]}' });
    const token = bearer.authorization.replace('Bearer ', '');
    expect((await ask(token)).status).toBe(404);
    expect((await ask(token, { codecTokenInPath: true })).status).toBe(200);
    expect((await ask('wrong'.repeat(8), { codecTokenInPath: true })).status).toBe(401);
  });
  it('does not encode', async () => {
    expect((await createConsole(optionsOf()).request(at('/codec/encode'), { method: 'POST', headers: { ...bearer, 'content-type': 'application/json' }, body: '{"payloads":[]}' })).status).toBe(404);
    expect((await createConsole(optionsOf()).request(at('/codec/decode'), { headers: bearer })).status).toBe(405);
  });
});
