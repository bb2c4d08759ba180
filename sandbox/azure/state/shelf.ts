interface Version<T> { at: number; value: T | null }

/**
 * Things by id, in a store with replicas: what was written is the truth at once, and is seen by reads after the lag.
 * Values are never changed in place; a write puts a new one.
 */
export class Shelf<T extends object> {
  private readonly items = new Map<string, Version<T>[]>();

  constructor(private readonly now: () => number, private readonly lagMs: () => number) {}

  put(id: string, value: T): T {
    return this.write(id, value)!;
  }

  remove(id: string): void {
    this.write(id, null);
  }

  /** The truth: what a write acts on. */
  get(id: string): T | null {
    return this.items.get(id.toLowerCase())?.at(-1)?.value ?? null;
  }

  /** What a read is answered with. */
  seen(id: string): T | null {
    return this.visible(this.items.get(id.toLowerCase()) ?? []);
  }

  /** What a list is answered with, oldest first. */
  list(): T[] {
    return [...this.items.values()].flatMap((versions) => this.visible(versions) ?? []);
  }

  truth(): T[] {
    return [...this.items.values()].flatMap((versions) => versions.at(-1)?.value ?? []);
  }

  /** What is there has always been there: every replica has it. */
  settle(): void {
    for (const versions of this.items.values()) for (const version of versions) version.at = 0;
  }

  private visible(versions: Version<T>[]): T | null {
    const seen = this.now() - this.lagMs();
    for (let index = versions.length - 1; index >= 0; index -= 1) if (versions[index]!.at <= seen) return versions[index]!.value;
    return null;
  }

  private write(id: string, value: T | null): T | null {
    const key = id.toLowerCase();
    const versions = this.items.get(key) ?? [];
    const seen = this.now() - this.lagMs();
    // Of what every replica has already forgotten, only the newest matters.
    while (versions.length > 1 && versions[1]!.at <= seen) versions.shift();
    versions.push({ at: this.now(), value: value === null ? null : structuredClone(value) });
    this.items.set(key, versions);
    return this.get(id);
  }
}
