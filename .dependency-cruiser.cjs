/** The house: imports point one way (docs/architecture.md). */
const only = (name, from, allowed, comment) => ({
  name, severity: 'error', comment,
  from: { path: `^${from}/` },
  to: { path: '^(playbook|intake|workflows|activities|approvals|workers|cli|console|sandbox|bench|test)/', pathNot: allowed.map((one) => `^${one}`) },
});
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    only('playbook-is-pure', 'playbook', ['playbook/'], 'PB-16 as data and pure functions'),
    { name: 'playbook-no-libraries', severity: 'error', from: { path: '^playbook/' }, to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/@noble/hashes' } },
    only('policy-is-pure', 'approvals/policy', ['playbook/', 'approvals/policy/'], 'approval rules are a pure reducer'),
    { ...only('workflows', 'workflows', ['playbook/', 'workflows/', 'approvals/policy/', 'activities/contract'], 'workflows see activities as types only') },
    { name: 'workflows-activities-types-only', severity: 'error', from: { path: '^workflows/' }, to: { path: '^activities/', dependencyTypesNot: ['type-only'] } },
    only('activities', 'activities', ['playbook/', 'activities/'], 'activities know nothing above them'),
    only('approvals-slack', 'approvals/(slack|passkey)', ['playbook/', 'approvals/'], 'the Slack edge holds no cloud code'),
    only('intake', 'intake', ['playbook/', 'intake/'], 'alerts in'),
    only('console', 'console', ['playbook/', 'console/'], 'the web page'),
    only('cli', 'cli', ['playbook/', 'cli/', 'workers/', 'sandbox/', 'intake/', 'approvals/', 'activities/', 'console/', 'workflows/'], 'the command wires the rest'),
    only('workers', 'workers', ['playbook/', 'workers/', 'intake/', 'workflows/', 'activities/', 'approvals/', 'console/'], 'composition root: everything but cli and sandbox'),
    only('sandbox', 'sandbox', ['playbook/', 'sandbox/', 'activities/', 'deploy/'], 'the counterpart knows only what it stands in for'),
    { name: 'no-test-code-in-production', severity: 'error', from: { path: '^(playbook|intake|workflows|activities|approvals|workers|console)/' }, to: { path: '^(test|bench|sandbox)/' } },
    { name: 'agpl-stays-out', severity: 'error', comment: 'AGPL-3.0: tests and sandbox only', from: { pathNot: '^(test|sandbox)/' }, to: { path: '@cloud-copilot' } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, exclude: { path: '^dist' } },
};
