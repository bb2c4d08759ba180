import { randomUUID } from 'node:crypto';
import type { RawRequest, RawResponse } from '../protocol/request';
import { isObject, type Json } from '../protocol/shapes';
import type { World } from '../world';
import { asFault } from './as-fault';
import type { After, Afters, Handlers } from './types';

const prefix = '/_lambda-code/';
interface Link { code: Buffer; until: number }

const codes = (world: World, account: string, region: string): Map<string, Buffer> => world.shelf('lambda-code', `${account}/${region}`, () => new Map<string, Buffer>());
const links = (world: World): Map<string, Link> => world.shelf('lambda-code-links', 'all', () => new Map<string, Link>());
/** A function is named by its name, its ARN, or part of one, with or without a qualifier. */
const nameOf = (given: unknown): string => String(given).replace(/^.*function:/, '').split(':')[0]!;

const keepCode: After = ({ call, caller, world }) => {
  const zip = isObject(call.input.Code) ? call.input.Code.ZipFile : call.input.ZipFile;
  // On the wire code is base64.
  if (typeof zip === 'string') codes(world, caller.account, call.region).set(nameOf(call.input.FunctionName), Buffer.from(zip, 'base64'));
};

export const lambdaAfter: Afters = { CreateFunction: keepCode, UpdateFunctionCode: keepCode };

/** moto gives an address of AWS's own for the code, which leads nowhere; AWS gives a presigned one that is good for ten minutes (Lambda API reference, GetFunction). */
export const lambda: Handlers = {
  GetFunction: async ({ call, caller, world, ask }) => {
    const code = codes(world, caller.account, call.region).get(nameOf(call.input.FunctionName));
    if (!code) return null;
    const { $metadata: _, ...answer } = await asFault(ask('GetFunction', call.input));
    const token = randomUUID();
    links(world).set(token, { code, until: world.now() + 600_000 });
    return { ...answer, Code: { ...(answer.Code as Json), Location: `http://${call.raw.headers.host}${prefix}${token}` } };
  },
};

/** The code behind such an address, or null when the request is for something else. */
export function lambdaCode(world: World, raw: RawRequest): RawResponse | null {
  if (raw.method !== 'GET' || !raw.path.startsWith(prefix)) return null;
  const link = links(world).get(raw.path.slice(prefix.length));
  if (!link || link.until <= world.now()) return { status: 403, headers: { 'content-type': 'application/xml' }, body: Buffer.from('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>') };
  return { status: 200, headers: { 'content-type': 'application/zip' }, body: link.code };
}
