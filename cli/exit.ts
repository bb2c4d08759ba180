/** What an exit code means, the same for every command. */
export const exit = {
  ok: 0,
  /** The command ran and what it looked for is not so (incident not found, undo refused). */
  failed: 1,
  /** Wrong usage, or tourniquet.yaml has a problem. */
  usage: 2,
  /** Evidence does not verify, or a demo check does not hold. */
  checkFailed: 3,
  /** Temporal, the vault or a cloud cannot be reached, or a missing piece of the sandbox. */
  unreachable: 4,
} as const;

/** Ends the command with a line for a person and an exit code. */
export class CommandError extends Error {
  constructor(message: string, readonly code: number) {
    super(message);
    this.name = 'CommandError';
  }
}
