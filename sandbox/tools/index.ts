export { startChild, type Child } from './child';
export { MissingTool, PortTaken } from './missing-tool';
export { cacheDir, packageRoot } from './paths';
export { freePort } from './ports';
export { ensurePython, ensureSigma, type PythonTools, type Say } from './python';
export { ensureTemporalCli } from './temporal-cli';
export { waitFor } from './wait';
