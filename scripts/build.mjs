// Compiles TypeScript and prebuilds the workflow bundle: what `npm install` leaves is ready to run.
import { spawnSync } from 'node:child_process';
import { existsSync, chmodSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const tsc = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json'], { stdio: 'inherit' });
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
const { buildWorkflowBundle } = require('../dist/workers/bundle.js');
await buildWorkflowBundle();
if (existsSync('dist/cli/main.js')) chmodSync('dist/cli/main.js', 0o755);
