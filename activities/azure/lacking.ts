import { codeOf, fail, toFailure } from '../boundary';
import type { AzureContext } from './context';
import { classifyAzure } from './errors';

/**
 * Resource Manager names the action that it refuses; Graph only says 403. So a refusal says which of the declared application permissions are not in the responder’s token.
 * The error stays ACCESS_DENIED, and as it is when none is missing (then it is the target, or another service).
 */
export async function namingWhatLacks<T>(ctx: Pick<AzureContext, 'access'>, tenant: string, permissions: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const failure = toFailure(error, classifyAzure);
    if (codeOf(failure) !== 'ACCESS_DENIED' || /authorization to perform action/.test(failure.message)) throw error;
    const granted = await ctx.access.graph(tenant).roles().catch((): string[] => []);
    const lacking = permissions.filter((one) => !one.includes('/') && !granted.includes(one) && !failure.message.includes(one));
    if (lacking.length === 0) throw error;
    throw fail('ACCESS_DENIED', `${failure.message} This needs ${[...new Set(lacking)].join(', ')}, which the application’s token does not show.`, { cause: failure });
  }
}
