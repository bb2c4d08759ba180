import { Fault, ok, type Answer, type Call } from '../protocol/types';
import { newId, type Sim } from '../state/sim';
import type { Making } from '../graph/routes';
import { resources } from './routes';

interface Operation {
  id: string;
  doneAt: number;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  error?: { code: string; message: string };
  /** What the operation does, once its time has come. */
  effect(): unknown;
  result: unknown;
}

const operations = new WeakMap<Sim, Map<string, Operation>>();
const all = (sim: Sim): Map<string, Operation> => operations.get(sim) ?? operations.set(sim, new Map()).get(sim)!;

export interface LongRunning {
  /** `put`: 201 with the resource, still provisioning; `accept`: 202 without a body. */
  answer: 'put' | 'accept';
  /** What ARM finds at the end of a `put`. */
  resource?: string;
  effect(): unknown;
}

/** Starts a long-running operation: the answer tells where to ask (Azure-AsyncOperation and Location), and the effect comes when it is done. Source: ARM, “Track asynchronous Azure operations”. */
export function start(sim: Sim, call: Call, { answer, resource, effect }: LongRunning): Answer {
  const operation: Operation = { id: newId(), doneAt: sim.now() + sim.operationMs, status: 'InProgress', effect, result: null };
  all(sim).set(operation.id, operation);
  const subscription = /\/subscriptions\/[^/]+/i.exec(call.url.pathname)?.[0] ?? '';
  const base = `${call.url.origin}${subscription}/providers/Microsoft.Sandbox/locations/southeastasia`;
  const version = `?api-version=${call.query.get('api-version')}`;
  const headers = { 'Azure-AsyncOperation': `${base}/operations/${operation.id}${version}`, Location: `${base}/operationResults/${operation.id}${version}`, 'Retry-After': String(Math.ceil(sim.operationMs / 1000 - 0.5) || 0) };
  // The effect comes with time, not with the question: whoever never asks has it as well.
  setTimeout(() => settle(sim, operation), sim.operationMs).unref();
  if (answer === 'accept') return { status: 202, headers };
  const seen = resource ? resources(sim).get(resource) : null;
  return { status: 201, headers, body: seen ?? {} };
}

function settle(sim: Sim, operation: Operation): void {
  if (operation.status !== 'InProgress' || sim.now() < operation.doneAt) return;
  try {
    operation.result = operation.effect() ?? null;
    operation.status = 'Succeeded';
  } catch (error) {
    operation.status = 'Failed';
    operation.error = { code: error instanceof Fault ? error.code : 'InternalServerError', message: (error as Error).message };
  }
}

export function operationRoutes({ sim, router }: Making): void {
  const find = (call: Call): Operation => {
    const operation = all(sim).get(call.params['operation']!);
    if (!operation) throw new Fault(404, 'ResourceNotFound', 'The operation was not found.');
    settle(sim, operation);
    return operation;
  };
  router.add({ surface: 'arm', method: 'GET', pattern: '/:scope*/providers/Microsoft.Sandbox/locations/:location/operations/:operation', needs: [], handle: (call) => {
    const { id, status, error } = find(call);
    return { status: 200, headers: { 'Retry-After': '0' }, body: { id: call.url.pathname, name: id, status, ...(error && { error }) } };
  } });
  router.add({ surface: 'arm', method: 'GET', pattern: '/:scope*/providers/Microsoft.Sandbox/locations/:location/operationResults/:operation', needs: [], handle: (call) => {
    const { status, result, error } = find(call);
    if (status === 'InProgress') return { status: 202, headers: { Location: call.url.href, 'Retry-After': '0' } };
    if (error) throw new Fault(409, error.code, error.message);
    return ok(result ?? undefined);
  } });
}
