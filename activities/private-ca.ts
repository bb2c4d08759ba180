import { Agent, request } from 'node:https';

/**
 * `fetch` that trusts exactly this CA (PEM), for one client's own calls: a URL string, headers, a text body, a signal.
 * The built-in fetch takes no CA, and NODE_EXTRA_CA_CERTS would trust it for every other connection of the process too. Follows no redirect: it rejects one.
 */
export function fetchTrusting(ca: string): typeof globalThis.fetch {
  const agent = new Agent({ ca, keepAlive: true });
  const send: typeof globalThis.fetch = (url, init) => new Promise<Response>((resolve, reject) => {
    const call = request(String(url), { agent, method: init?.method, headers: init?.headers as Record<string, string>, signal: init?.signal ?? undefined }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('error', reject).on('data', (part: Buffer) => parts.push(part)).on('end', () => {
        const status = answer.statusCode ?? 500;
        if (status >= 300 && status < 400) reject(new Error('redirected'));
        else resolve(new Response(status === 204 ? null : Buffer.concat(parts), { status, headers: headersOf(answer.rawHeaders) }));
      });
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      // The server closed a kept connection just as it was used again (Node.js HTTP, `request.reusedSocket`): asked on a new one, if asking twice does no harm.
      if (call.reusedSocket && error.code === 'ECONNRESET' && /^(GET|HEAD|PUT|DELETE)$/i.test(init?.method ?? 'GET')) return resolve(send(url, init));
      reject(new Error('no answer', { cause: { code: error.code } }));
    });
    call.end(init?.body ?? undefined);
  });
  return send;
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at]!, raw[at + 1]!);
  return headers;
}
