/** Something the sandbox needs is not on this machine. `message` is one line that says what to do. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool';
  constructor(readonly tool: 'python' | 'temporal' | 'platform', message: string) {
    super(message.replace(/\s+/g, ' ').trim());
  }
}

/** A port that the user asked for is in use. */
export class PortTaken extends Error {
  override readonly name = 'PortTaken';
  constructor(readonly port: number, what: string) {
    super(`port ${port} is taken: stop what listens there, or give ${what} another port`);
  }
}
