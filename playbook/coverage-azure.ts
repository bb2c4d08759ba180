import type { Carried } from './coverage';

const contained = 'test/azure-contain/rules.test.ts';
const contain = (...names: string[]): string[] => names.map((name) => `activities/azure/contain/${name}.ts`);

/** Where Azure and Entra carry a row of the playbook out; a row that is not here waits. */
export const azureCoverage: Readonly<Record<string, Carried>> = {
  '2.1.1': { files: contain('disable-user'), tests: [contained] },
  '2.1.2': { files: contain('revoke-sessions'), tests: [contained] },
};
