// Writes docs/actions.md, docs/coverage.md, docs/tourniquet.schema.json and docs/alert.schema.json from the built code (`npm run build` first). With --check it writes nothing and fails when one differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { actionsPage, coveragePage } = require('../dist/playbook/docs.js');
const { awsProvider } = require('../dist/activities/aws/index.js');
const { azureProvider } = require('../dist/activities/azure/index.js');
const { configJsonSchema } = require('../dist/workers/config/load.js');
const { genericJsonSchema } = require('../dist/intake/generic.js');

const pages = {
  'docs/actions.md': actionsPage([...awsProvider.actions, ...azureProvider.actions]),
  'docs/coverage.md': coveragePage(),
  'docs/alert.schema.json': `${JSON.stringify(genericJsonSchema(), null, 2)}\n`,
  'docs/tourniquet.schema.json': `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
};

let stale = 0;
for (const [path, text] of Object.entries(pages)) {
  const file = join(top, path);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is not what the code says: run npm run build && node scripts/docs.mjs`);
    stale += 1;
  }
}
process.exit(stale === 0 ? 0 : 1);
