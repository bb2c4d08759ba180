import { containActions } from '../../activities/azure/contain';
import { containmentContract } from '../containment/contract';
import { actions, makeBed, type Bed } from './bed';
import { directoryCases } from './cases';
import { resourceCases } from './resource-cases';

jest.setTimeout(120_000);

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
});
afterAll(() => bed?.stop());

containmentContract({ bed: () => bed, actions, containing: containActions, cases: [...directoryCases, ...resourceCases] });
