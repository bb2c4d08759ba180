import { ensurePython, ensureTemporalCli, MissingTool } from '.';

/** Installs what demo and tests need, once. */
async function main(): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await ensurePython(say);
  await ensureTemporalCli(say);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof MissingTool ? error.message : String(error)}\n`);
  process.exit(4);
});
