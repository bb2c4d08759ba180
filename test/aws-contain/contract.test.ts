import { containActions } from '../../activities/aws/contain';
import { containmentContract } from '../containment/contract';
import { actions, makeBed, type Bed } from './bed';
import { cases } from './cases';
import { rootFlows } from './root-flows';
import { specialCases } from './special';

jest.setTimeout(120_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

containmentContract({ bed: () => bed, actions, containing: containActions, cases });

describe('at the edges', () => specialCases(() => bed));

describe('root', () => rootFlows(() => bed));

describe('what each action calls is what it declares', () => {
  test.each(actions.map((action) => [action.id, action] as const))('%s', (id, action) => {
    const called = [...(bed.calls.get(id) ?? [])].sort();
    expect(called).toEqual([...new Set(action.permissions)].sort());
  });
});
