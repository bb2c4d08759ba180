import { randomUUID } from 'node:crypto';
import { claimOf, dateOf, signatureHolds, type Claim } from './auth/signature';
import { entityOf, type Authorizer, type Caller } from './auth/decide';
import type { Credential } from './auth/credentials';
import { observe, readsOutput } from './auth/observe';
import { isReadOnly } from './cloudtrail/names';
import { recordsOf } from './cloudtrail/record';
import { afters, guards, handlers } from './extra';
import { lambdaCode } from './extra/lambda';
import { sessionTokenMay } from './extra/sts';
import { Fault, fault, faultResponse, readFault } from './protocol/faults';
import { parse } from './protocol/parse';
import type { Call, RawRequest, RawResponse } from './protocol/request';
import { readResponse, respond } from './protocol/respond';
import { serviceOf, type Protocol, type Service } from './protocol/services';
import type { Json } from './protocol/shapes';
import type { World } from './world';

/** How far a signature's date may be off (SigV4, "Troubleshooting"). */
const skewMs = 15 * 60_000;

/** One AWS call from end to end: who, may they, answer, remember. */
export class Gateway {
  constructor(private readonly world: World, private readonly authorizer: Authorizer) {}

  async handle(raw: RawRequest): Promise<RawResponse> {
    const code = lambdaCode(this.world, raw);
    if (code) return code;
    const requestId = randomUUID();
    const claim = claimOf(raw);
    const protocol = (claim && serviceOf(claim.service)?.protocol) ?? guessProtocol(raw);
    try {
      const { service, region, caller } = await this.#authenticate(raw, claim, protocol);
      const parsed = parse(service, raw);
      if (!parsed) throw fault('unsupported', protocol, `The sandbox does not know this ${service.name} call.`);
      raw.headers['x-sandbox-request-id'] = requestId;
      if (caller.credential) this.world.credentials.lastUsed.set(caller.credential.accessKeyId, { at: this.world.now(), service: service.name, region });
      return await this.#serve({ service, operation: parsed.operation, input: parsed.input, region, raw }, caller, requestId);
    } catch (error) {
      if (error instanceof Fault) return faultResponse(protocol, error, requestId);
      this.world.say(`sandbox AWS: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return faultResponse(protocol, new Fault('InternalFailure', 'The sandbox failed; its log says why.', 500), requestId);
    }
  }

  async #authenticate(raw: RawRequest, claim: Claim | null, protocol: Protocol): Promise<{ service: Service; region: string; caller: Caller }> {
    const sourceIp = raw.headers['x-sandbox-source-ip'] ?? '127.0.0.1';
    const userAgent = raw.headers['user-agent'] ?? '';
    if (!claim) {
      const s3 = serviceOf('s3')!;
      const bucket = decodeURIComponent(raw.path.split('/')[1] ?? '');
      const owner = this.world.estate.buckets.get(bucket);
      if (raw.headers['x-amz-target'] || raw.method === 'POST' || !owner) throw new Fault(protocol === 'rest-xml' ? 'AccessDenied' : 'MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
      return { service: s3, region: owner.region, caller: { credential: null, identity: null, account: owner.account, sourceIp, userAgent } };
    }
    const service = serviceOf(claim.service);
    if (!service) throw fault('unsupported', protocol, `The sandbox has no ${claim.service}.`);
    this.world.estate.settle();
    const credential = this.world.credentials.find(claim.accessKeyId);
    if (!credential || credential.token !== claim.token) throw fault('unknown-key', service.protocol, 'The security token included in the request is invalid.');
    const now = this.world.now();
    if (credential.expiresAt !== null && credential.expiresAt <= now) throw fault('expired', service.protocol, 'The security token included in the request is expired');
    const signed = dateOf(claim.date);
    const age = signed ? Math.abs(now - signed.getTime()) : Infinity;
    if (!claim.presigned && age > skewMs) throw fault('bad-signature', service.protocol, 'Signature expired: the date of the request is too far from now.');
    if (!(await signatureHolds(raw, claim, credential.secret))) throw fault('bad-signature', service.protocol, 'The request signature we calculated does not match the signature you provided.');
    if (credential.identity.kind === 'user' && !entityOf(this.world.estate, credential.identity)) throw fault('unknown-key', service.protocol, 'The security token included in the request is invalid.');
    return { service, region: claim.region, caller: { credential, identity: credential.identity, account: credential.identity.account, sourceIp, userAgent } };
  }

  async #serve(call: Call, caller: Caller, requestId: string): Promise<RawResponse> {
    const { service, operation } = call;
    const at = this.world.now();
    try {
      const { response, output } = await this.#answer(call, caller, requestId);
      this.#remember(call, caller, { output, fault: readFault(service.protocol, response), requestId, at });
      return response;
    } catch (error) {
      if (!(error instanceof Fault)) throw new Error(`${service.name}.${operation.name}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
      this.#remember(call, caller, { output: {}, fault: error, requestId, at });
      throw error;
    }
  }

  async #answer(call: Call, caller: Caller, requestId: string): Promise<{ response: RawResponse; output: Json }> {
    const { service, operation } = call;
    if (!this.world.throttler.take(service.name, operation.name, caller.account, call.region)) throw fault('throttled', service.protocol, 'Rate exceeded');
    if (caller.credential && !sessionTokenMay(caller.credential, service.name, operation.name)) throw refusedSession(service, caller.credential);
    const extra = { call, caller, world: this.world, ask: (name: string, input: Json, other = service.name) => this.world.upstream.ask(other, name, input, caller.account, call.region) };
    await guards[service.name]?.[operation.name]?.(extra);
    const decision = await this.authorizer.decide(call, caller);
    if (!decision.allowed) throw fault('denied', service.protocol, decision.message);
    const own = await handlers[service.name]?.[operation.name]?.(extra);
    if (own) {
      this.#observe(call, caller, own);
      return { response: respond(service, operation, own, requestId), output: own };
    }
    const account = service.name === 's3' ? (this.world.estate.buckets.get(String(call.input.Bucket))?.account ?? caller.account) : caller.account;
    const response = tidied(service, await this.world.upstream.forward(call.raw, account));
    if (response.status >= 500 && !readFault(service.protocol, response)) this.world.say(`sandbox AWS: the emulator has no ${service.name}.${operation.name}`);
    if (response.status >= 300) return { response, output: {} };
    const after = afters[service.name]?.[operation.name];
    const needed = after !== undefined || readsOutput(service.name, operation.name) || !isReadOnly(service.name, operation.name);
    const output = needed ? readResponse(service, operation, response) : {};
    this.#observe(call, caller, output);
    await after?.(extra, output);
    return { response, output };
  }

  #observe(call: Call, caller: Caller, output: Json): void {
    const { estate, credentials, now } = this.world;
    observe(call.service.name, call.operation.name, { estate, credentials, account: caller.account, input: call.input, output, now: now(), region: call.region });
  }

  /** Trails are read before StopLogging changes them: the call that stops a trail is the last that it delivers. */
  #remember(call: Call, caller: Caller, outcome: Parameters<typeof recordsOf>[2]): void {
    for (const recorded of recordsOf(call, caller, outcome, this.world.estate)) this.world.record(recorded);
    if (call.service.name === 'cloudtrail' && !outcome.fault) this.world.trails.observe(call.operation.name, caller.account, call.region, call.input);
  }
}

/** The emulator's user ids lack AWS's prefix, by which records and policies tell users from roles (IAM User Guide, "Unique identifiers"). */
function tidied(service: Service, response: RawResponse): RawResponse {
  if (service.name !== 'iam') return response;
  const text = response.body.toString('latin1');
  return text.includes('<UserId>') ? { ...response, body: Buffer.from(text.replace(/<UserId>([a-z0-9]{20})<\/UserId>/g, (_all, id: string) => `<UserId>AIDA${id.slice(3).toUpperCase()}</UserId>`), 'latin1') } : response;
}

const refusedSession = (service: Service, credential: Credential): Fault =>
  service.name === 'iam' ? fault('unknown-key', service.protocol, 'The security token included in the request is invalid') : fault('denied', service.protocol, `Session credentials of ${credential.accessKeyId} may not make this call.`);

/** Before the service is known, an error must still be in a form that the client can read. */
function guessProtocol(raw: RawRequest): Protocol {
  if (raw.headers['x-amz-target']) return 'json';
  if ((raw.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return 'query';
  return 'rest-xml';
}
