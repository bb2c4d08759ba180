import type { Carried } from './coverage';

const contained = ['test/azure-contain/rules.test.ts'];
const contain = (...names: string[]): string[] => names.map((name) => `activities/azure/contain/${name}.ts`);
const root = (...names: string[]): string[] => names.map((name) => `activities/azure/root/${name}.ts`);

/** Where Azure and Entra carry a row of the playbook out; a row that is not here waits. */
export const azureCoverage: Readonly<Record<string, Carried>> = {
  '2.1.1': { files: contain('deny-sign-in', 'disable-user', 'reset-password', 'remove-auth-methods', 'disable-devices', 'disable-service-principal', 'remove-directory-roles', 'remove-app-access', 'remove-azure-roles'), tests: contained },
  '2.1.2': { files: contain('revoke-sessions'), tests: contained },
  '2.1.3': { files: contain('remove-app-credentials', 'rotate-app-credentials', 'rotate-storage-keys'), tests: contained },
  '2.1.4': { files: contain('block-ip-nsg', 'block-ip-conditional-access', 'block-ip-waf', 'isolate-vm', 'isolate-function', 'isolate-logic-app', 'close-public-container'), tests: contained },
  '2.1.5': { files: contain('restore-diagnostics'), tests: contained },
  '2.2.1': { files: root('require-admin-mfa'), tests: contained },
  '2.2.2': { files: root('rotate-admin-password'), tests: contained },
  '2.2.6': { files: root('contact-support'), tests: contained },
};
