import { ApplicationFailure, CancellationScope, condition, continueAsNew, isCancellation, setHandler } from '@temporalio/workflow';
import { checkAccessRequest, checkExtension, checkReturn, isOpen, type GrantRefusal } from '../playbook/jit/rules';
import { approvalDecidedSignal } from './messages';
import { risk } from './options';
import { Desk, viewOf, type JitInput } from './jit/desk';
import { follow, giveBack } from './jit/follow';
import { blockGrantsSignal, extendGrantUpdate, grantsQuery, requestGrantUpdate, returnGrantUpdate } from './jit/messages';
import { jitCase } from './jit/options';

/** While an incident stands against the person and nothing else is open. */
const LOOK_AT_INCIDENTS_MS = 60 * 60_000;
/** A workflow whose first request was refused has nothing to do. */
const IDLE_MS = 60_000;

/** Every just-in-time grant of one person, from the request to the proven end. Ends when none is open. */
export async function jitAccess(input: JitInput): Promise<void> {
  const desk = setup(input);
  await run(desk);
}

function setup(input: JitInput): Desk {
  const desk = new Desk(input);
  setHandler(grantsQuery, () => ({ person: desk.person, incidents: desk.incidents, grants: desk.grants.map(viewOf) }));
  setHandler(approvalDecidedSignal, (result) => void (desk.answers[result.id] = result));
  setHandler(requestGrantUpdate, (request) => viewOf(desk.open(request)), { validator: (request) => refuse(checkAccessRequest(desk.grants, request)) });
  setHandler(extendGrantUpdate, ({ grant: id, forMs, reason, signature }) => {
    const grant = desk.find(id)!;
    grant.extension = { id: `${id}/${forMs}`, forMs, reason, approval: null, at: Date.now(), signature };
    return viewOf(grant);
  }, { validator: ({ grant, by, forMs, reason }) => refuse(checkExtension(desk.find(grant), by, desk.person, forMs, reason, Date.now())) });
  setHandler(returnGrantUpdate, (request) => {
    const grant = desk.find(request.grant)!;
    void giveBack(desk, grant, request, Date.now());
    return viewOf(grant);
  }, { validator: ({ grant, by }) => refuse(checkReturn(desk.find(grant), by, desk.person)) });
  setHandler(blockGrantsSignal, ({ incident }) => {
    if (!desk.incidents.includes(incident)) desk.incidents.push(incident);
    for (const grant of desk.grants) desk.wantEnd(grant, 'incident', incident);
  });
  return desk;
}

async function run(desk: Desk): Promise<void> {
  const followed = new Map<string, Promise<void>>();
  const fresh = (): boolean => desk.grants.some((grant) => isOpen(grant) && !followed.has(grant.id));
  const followAll = (): void => {
    for (const grant of desk.grants) if (isOpen(grant) && !followed.has(grant.id)) followed.set(grant.id, CancellationScope.nonCancellable(() => follow(desk, grant)));
  };
  try {
    for (;;) {
      followAll();
      const open = desk.grants.some(isOpen);
      if (open) await condition(() => fresh() || desk.mustHandOver() || !desk.grants.some(isOpen));
      else if (desk.incidents.length > 0) {
        if (!(await condition(() => fresh() || desk.mustHandOver(), LOOK_AT_INCIDENTS_MS, { summary: 'an incident is open on the person' }))) await lookAtIncidents(desk);
      } else if (desk.grants.length === 0) {
        if (!(await condition(() => fresh() || desk.incidents.length > 0, IDLE_MS, { summary: 'nothing was asked' }))) return;
      } else {
        await condition(() => fresh() || desk.incidents.length > 0 || desk.idle());
        if (!fresh() && desk.idle()) return;
      }
      if (desk.mustHandOver() && !fresh()) await continueAsNew<typeof jitAccess>({ person: desk.person, carried: { grants: desk.grants, incidents: desk.incidents, answers: desk.answers } });
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    // Cancelled by an operator: what was given ends, and is proven to have ended, first.
    for (const grant of desk.grants) desk.wantEnd(grant, 'returned', 'operator');
    await CancellationScope.nonCancellable(async () => {
      followAll();
      await Promise.all(followed.values());
      await desk.settled();
    });
    throw error;
  }
}

async function lookAtIncidents(desk: Desk): Promise<void> {
  const { incidents } = desk;
  const open = await desk.during(() => jitCase('Is the incident still open?', risk.read).jitOpenIncidents({ incidents })).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    return incidents;
  });
  desk.incidents = desk.incidents.filter((one) => open.includes(one) || !incidents.includes(one));
}

function refuse(refusal: GrantRefusal | null): void {
  if (refusal) throw ApplicationFailure.create({ type: refusal.code, message: refusal.message, nonRetryable: true });
}
