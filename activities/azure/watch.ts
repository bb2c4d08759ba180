import type { Watched } from '../contract';
import type { AzureCase, AzureContext } from './context';

export const watchPermissions: readonly string[] = [];

/** Row 4.7. Says that it cannot look, so that nobody takes silence for quiet. */
export async function watch(_ctx: AzureContext, _input: AzureCase, _findings: readonly unknown[], since: string): Promise<Watched> {
  return { until: since, moves: [], error: 'the watch does not read Entra and Azure yet' };
}
