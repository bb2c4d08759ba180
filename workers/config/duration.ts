import { z } from 'zod';

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `15m`, `72h`, `3d` → milliseconds. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a duration such as 90s, 15m, 72h or 3d')
  .transform((text) => Number.parseInt(text, 10) * units[/[a-z]+$/.exec(text)![0]]!);
