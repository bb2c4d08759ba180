import { createHash } from 'node:crypto';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Remembers what was delivered, so that a retried activity does not tell people twice. */
export interface DeliveryLedger {
  delivered(key: string): Promise<boolean>;
  remember(key: string): Promise<void>;
}

export function memoryLedger(): DeliveryLedger {
  const keys = new Set<string>();
  return { delivered: async (key) => keys.has(key), remember: async (key) => void keys.add(key) };
}

/** One empty file a delivery, named by the key's hash; may be shared by workers that share the folder. */
export function folderLedger(folder: string): DeliveryLedger {
  const path = (key: string): string => join(folder, createHash('sha256').update(key).digest('hex'));
  return {
    delivered: (key) => stat(path(key)).then(() => true, () => false),
    remember: async (key) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await (await open(path(key), 'a', 0o600)).close();
    },
  };
}
