import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Where the prebuilt bundle lies, beside the compiled code. */
export const bundlePath = join(__dirname, '..', 'workflow-bundle.js');

/** Bundles the workflows with the converter that client and worker use; a bundle ignores what the worker is told later. */
export async function buildWorkflowBundle(to: string = bundlePath): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    failureConverterPath: require.resolve('./failure-converter'),
  });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, code);
}
