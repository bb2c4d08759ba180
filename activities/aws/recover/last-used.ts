import { GenerateServiceLastAccessedDetailsCommand, GetServiceLastAccessedDetailsCommand, type IAMClient, type ServiceLastAccessed } from '@aws-sdk/client-iam';
import { fail } from '../../boundary';
import { readUntil } from '../poll';

/** One service that the identity used within the window; `actions` null = some use is not tracked by action, so the whole service stays. */
export interface UsedService {
  service: string;
  actions: { name: string; at: string }[] | null;
  at: string;
}

const day = 86_400_000;

/** What the identity used in the last `days`. Errors as of `lastAccessedReport`. */
export async function lastUsed(iam: IAMClient, arn: string, now: Date, days = 90): Promise<UsedService[]> {
  const from = now.getTime() - days * day;
  return (await lastAccessedReport(iam, arn)).flatMap((service) => usedSince(service, from)).sort((a, b) => (a.service < b.service ? -1 : 1));
}

/**
 * Every service that the identity may use, with its last use by action (IAM User Guide: “Refine permissions using last accessed information”): about 400 days,
 * hours late, denied attempts among it. Throws NOT_SUPPORTED when IAM cannot make the report, NOT_IN_EFFECT when it is not ready within a minute.
 */
export async function lastAccessedReport(iam: IAMClient, arn: string): Promise<ServiceLastAccessed[]> {
  const job = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: arn, Granularity: 'ACTION_LEVEL' }));
  const read = () => iam.send(new GetServiceLastAccessedDetailsCommand({ JobId: job.JobId }));
  const first = await readUntil('the last-accessed report', read, (page) => page.JobStatus !== 'IN_PROGRESS');
  if (first.JobStatus === 'FAILED') throw fail('NOT_SUPPORTED', `IAM could not report what ${arn} last used (${first.Error?.Code ?? 'no reason given'}): limit it by hand`);
  const services = [...(first.ServicesLastAccessed ?? [])];
  for (let page = first; page.IsTruncated; ) {
    page = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId: job.JobId, Marker: page.Marker }));
    services.push(...(page.ServicesLastAccessed ?? []));
  }
  return services;
}

function usedSince(service: ServiceLastAccessed, from: number): UsedService[] {
  const last = service.LastAuthenticated?.getTime() ?? 0;
  if (!service.ServiceNamespace || last < from) return [];
  const actions = (service.TrackedActionsLastAccessed ?? [])
    .filter((action) => (action.LastAccessedTime?.getTime() ?? 0) >= from)
    .map((action) => ({ name: action.ActionName ?? '', at: action.LastAccessedTime!.toISOString() }));
  // Only some actions are tracked, data events never: a service that was used later than its newest tracked action was used otherwise too.
  const newest = Math.max(0, ...actions.map((action) => Date.parse(action.at)));
  const tracked = actions.length > 0 && last - newest < 60_000;
  return [{ service: service.ServiceNamespace, actions: tracked ? actions.sort((a, b) => (a.name < b.name ? -1 : 1)) : null, at: new Date(last).toISOString() }];
}
