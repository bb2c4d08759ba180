// Compiles TypeScript (types are checked by `npm run typecheck`), prebuilds the workflow bundle, and makes `npx tourniquet` work in the checkout.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const require = createRequire(import.meta.url);
const folders = ['playbook', 'intake', 'workflows', 'activities', 'approvals', 'workers', 'cli', 'console', 'sandbox', 'bench'];
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' }, sourceMaps: true };

function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

rmSync('dist', { recursive: true, force: true });
for (const folder of folders) {
  for (const path of filesIn(folder)) {
    const to = join('dist', path).replace(/\.ts$/, '.js');
    mkdirSync(dirname(to), { recursive: true });
    if (!path.endsWith('.ts')) {
      copyFileSync(path, to);
      continue;
    }
    const { code, map } = transformSync(readFileSync(path, 'utf8'), { ...options, filename: path, sourceFileName: path });
    writeFileSync(to, `${code}\n//# sourceMappingURL=${to.split('/').at(-1)}.map\n`);
    writeFileSync(`${to}.map`, map);
  }
}
chmodSync('dist/cli/main.js', 0o755);

const { buildWorkflowBundle } = require('../dist/workers/bundle.js');
await buildWorkflowBundle();

mkdirSync('node_modules/.bin', { recursive: true });
rmSync('node_modules/.bin/tourniquet', { force: true });
symlinkSync('../../dist/cli/main.js', 'node_modules/.bin/tourniquet');
