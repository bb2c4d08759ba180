import { checksWith, readerWith, type Reader } from '../../check';
import type { Check } from '../../provider';
import type { AzureCase, AzureContext } from '../context';
import { classifyAzure } from '../errors';

export { each, plain, type Failed, type Look, type Reader } from '../../check';

export const defineCheck: (...check: Parameters<ReturnType<typeof checksWith<AzureContext, AzureCase>>>) => Check<AzureContext> = checksWith<AzureContext, AzureCase>(classifyAzure);

export const createReader = (): Reader => readerWith(classifyAzure);

/** What reading the logs needs; every check that follows the trail has these. */
export const trailPermissions = ['AuditLog.Read.All', 'Directory.Read.All', 'Microsoft.Insights/eventtypes/values/read'] as const;

/** Said where a silence could be taken for an answer. Source: Entra monitoring, “Sign-in log latency”; Azure Monitor, “Activity log, retention and latency”. */
export const LAG = 'sign-ins and directory changes show up within minutes, sometimes hours; the Activity Log within 20 minutes';
