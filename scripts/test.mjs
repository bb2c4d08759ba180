// `npm test`: types, lint, dependency rules, every suite, and two scenarios end to end. Ends with one line that sums up.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const only = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'tourniquet-test-'));
let passed = 0;
let failed = 0;

function count(name, good, bad) {
  passed += good;
  failed += bad;
  console.log(`-- ${name}: ${good} passed, ${bad} failed`);
}

function step(name, command, args) {
  console.log(`-- ${name}`);
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  count(name, status === 0 ? 1 : 0, status === 0 ? 0 : 1);
  return status === 0;
}

/** Jest writes its own numbers; a run that wrote none has failed. */
function jest(name, args) {
  console.log(`-- ${name}`);
  const file = join(folder, `${name.replace(/\W+/g, '-')}.json`);
  const { status } = spawnSync(process.execPath, [join('node_modules', 'jest', 'bin', 'jest.js'), '--json', `--outputFile=${file}`, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(file)) return count(name, 0, 1);
  const result = JSON.parse(readFileSync(file, 'utf8'));
  const broken = result.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length;
  count(name, result.numPassedTests, result.numFailedTests + broken + (status !== 0 && result.numFailedTests + broken === 0 ? 1 : 0));
}

/** A demo scenario prints its check list as JSON. */
function scenario(name) {
  return new Promise((resolve) => {
    console.log(`-- scenario ${name}`);
    const child = spawn(process.execPath, ['dist/cli/main.js', 'demo', '--auto', '--scenario', name, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('exit', (code) => {
      const last = text.trim().split('\n').at(-1) ?? '';
      let checks = [];
      try {
        checks = JSON.parse(last).checks;
      } catch {
        console.log(text.slice(-2000));
      }
      const bad = checks.filter((one) => !one.ok);
      for (const one of bad) console.log(`   not so: ${one.what}: ${one.seen ?? ''}`);
      count(`scenario ${name}`, checks.length - bad.length, bad.length + (code !== 0 && bad.length === 0 ? 1 : 0));
      resolve();
    });
  });
}

const parts = {
  types: () => step('types', process.execPath, [require.resolve('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json']),
  lint: () => step('lint', process.execPath, [join('node_modules', 'eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']),
  house: () => step('dependency rules', process.execPath, [join('node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'playbook', 'intake', 'workflows', 'activities', 'approvals', 'workers', 'cli', 'console', 'sandbox', 'bench']),
  tools: () => step('sandbox tools', process.execPath, ['dist/sandbox/tools/main.js']),
  jest: () => jest('tests', ['--maxWorkers=2']),
  scenarios: async () => {
    for (const name of ['stolen-admin-key', 'wrong-person']) await scenario(name);
  },
};

for (const [name, run] of Object.entries(parts)) if (only.length === 0 || only.includes(name)) await run();
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
