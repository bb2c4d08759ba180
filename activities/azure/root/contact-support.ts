import type { MicrosoftSupport, ProblemClassification, Service } from '@azure/arm-support';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { pages, polling } from '../contain/arm';
import { defineAzureAction } from '../define';
import { orNull } from '../errors';

/**
 * Row 2.2.6. Target: the tenant; `params.body`: what happened, in words. The ticket’s name is the incident’s, which makes it one report. A subscription without a support plan that
 * has an API, or no contact in tourniquet.yaml: NOT_SUPPORTED, and a person reports it (Azure Support REST API: “Support Tickets - Create”).
 */
export const contactSupport = defineAzureAction('azure.contact-support', {
  permissions: ['Microsoft.Support/supportTickets/read', 'Microsoft.Support/supportTickets/write', 'Microsoft.Support/services/read', 'Microsoft.Support/services/problemClassifications/read'],
  async plan(ctx, { target, params }) {
    if (!ctx.access.config.support) throw fail('NOT_SUPPORTED', 'azure.support names nobody whom Microsoft could answer: report it at https://portal.azure.com (“Help + support”) or https://msrc.microsoft.com/report');
    const support = clientFor(ctx, target);
    const [existing, place] = await Promise.all([ticketOf(ctx, support), securityPlace(support)]);
    const title = `[${ctx.incident}] Tenant ${target.account} compromised: please help to secure it`;
    return { needed: existing === null, before: { ticket: existing }, params: { ...place, title, body: String(params.body ?? '').slice(0, 7_500) }, change: existing ? [] : [`open a Microsoft support ticket, severity critical, “${title}”`] };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const support = clientFor(ctx, target);
    const existing = await ticketOf(ctx, support);
    if (existing) return { ticket: existing, already: true };
    const contact = ctx.access.config.support;
    if (!contact) throw fail('NOT_SUPPORTED', 'azure.support names nobody whom Microsoft could answer');
    const { serviceId, problemClassificationId, title, body } = params as Record<string, string>;
    const made = await support.supportTickets.beginCreateAndWait(nameOf(ctx), {
      serviceId, problemClassificationId, title, description: body, severity: 'critical', require24X7Response: true,
      contactDetails: { firstName: contact.firstName, lastName: contact.lastName, primaryEmailAddress: contact.email, preferredContactMethod: 'email', preferredTimeZone: contact.timezone, country: contact.country, preferredSupportLanguage: contact.language },
    }, polling);
    return { ticket: made.supportTicketId ?? made.name ?? null };
  },
  async verify(ctx, { target }) {
    const found = await ticketOf(ctx, clientFor(ctx, target));
    return { holds: found !== null, seen: { ticket: found } };
  },
  async undo(ctx, { target }) {
    const found = await ticketOf(ctx, clientFor(ctx, target));
    return { seen: { ticket: found }, left: found ? [`Microsoft support ticket ${found} stays open: tell them that it was a false alarm`] : [] };
  },
});

const nameOf = (ctx: AzureContext): string => `tourniquet-${ctx.incident}`;

/** Tickets belong to a subscription; the tenant's first. Throws NOT_SUPPORTED when it has none. */
function clientFor(ctx: AzureContext, { account }: Target): MicrosoftSupport {
  const [subscription] = ctx.access.subscriptions(account);
  if (!subscription) throw fail('NOT_SUPPORTED', `tenant ${account} has no subscription here to open a ticket in: report it by hand`);
  return ctx.access.arm(account, subscription).support;
}

async function ticketOf(ctx: AzureContext, support: MicrosoftSupport): Promise<string | null> {
  const found = await orNull(support.supportTickets.get(nameOf(ctx)));
  return found ? (found.supportTicketId ?? found.name ?? nameOf(ctx)) : null;
}

/** The ids differ by cloud and time, so they are asked for: a security problem of the directory’s service first, else of any. */
async function securityPlace(support: MicrosoftSupport): Promise<{ serviceId: string; problemClassificationId: string }> {
  const services = (await pages<Service>(support.services.list())).sort((a, b) => Number(isDirectory(b)) - Number(isDirectory(a)));
  for (const service of services.filter((one) => isDirectory(one) || /secur|subscription/i.test(one.displayName ?? ''))) {
    const problems = await pages<ProblemClassification>(support.problemClassifications.list(service.name ?? ''));
    const problem = problems.find((one) => /secur|compromis|unauthori[sz]ed|suspicious/i.test(one.displayName ?? ''));
    if (problem?.id && service.id) return { serviceId: service.id, problemClassificationId: problem.id };
  }
  throw fail('NOT_SUPPORTED', 'Microsoft support offers no security problem to this subscription: report it at https://portal.azure.com (“Help + support”)');
}

const isDirectory = (service: Service): boolean => /active directory|entra|identity/i.test(service.displayName ?? '');
