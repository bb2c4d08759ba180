import { CreateCaseCommand, DescribeServicesCommand, DescribeSeverityLevelsCommand, paginateDescribeCases, type Service, type SupportClient } from '@aws-sdk/client-support';
import type { JsonObject } from '../../../playbook/json';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { all, text } from '../eradicate/support';

/** How far back an earlier report of the same incident is looked for. */
const BACK_MS = 14 * 24 * 3600_000;
const severities = ['low', 'normal', 'high', 'urgent', 'critical'];

/**
 * Row 2.2.6. Target: an account; `params.body`: what happened, in words. An account without a support plan answers SubscriptionRequiredException,
 * which becomes NOT_SUPPORTED: then a person reports it (AWS Support API: CreateCase). The incident id in the subject makes it one report.
 */
export const contactSupport = defineAwsAction('aws.contact-support', {
  permissions: ['support:DescribeCases', 'support:DescribeServices', 'support:DescribeSeverityLevels', 'support:CreateCase'],
  async plan(ctx, { target, params }) {
    const { support } = ctx.access.clients(target.account);
    const [existing, severity, category] = await Promise.all([findCase(ctx, support), gravest(support), securityCategory(support)]);
    const subject = `[${ctx.incident}] Account ${target.account} compromised: please help to secure it`;
    return {
      needed: existing === null, before: { case: existing },
      params: { body: text(params, 'body').slice(0, 7_500), subject, severity, ...category },
      change: existing ? [] : [`open an AWS Support case, severity ${severity}, “${subject}”`],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const { support } = ctx.access.clients(target.account);
    const existing = await findCase(ctx, support);
    if (existing) return { case: existing, already: true };
    const { serviceCode, categoryCode } = params as { serviceCode?: string; categoryCode?: string };
    const { caseId } = await support.send(
      new CreateCaseCommand({ subject: text(params, 'subject'), communicationBody: text(params, 'body'), severityCode: text(params, 'severity'), serviceCode, categoryCode, issueType: 'customer-service', language: 'en' }),
    );
    return { case: caseId ?? null };
  },
  async verify(ctx, { target }) {
    const found = await findCase(ctx, ctx.access.clients(target.account).support);
    return { holds: found !== null, seen: { case: found } };
  },
  async undo(ctx, { target }) {
    const found = await findCase(ctx, ctx.access.clients(target.account).support);
    return { seen: { case: found }, left: found ? [`AWS Support case ${found} stays open: tell them that it was a false alarm`] : [] };
  },
});

async function findCase(ctx: AwsContext, support: SupportClient): Promise<string | null> {
  const afterTime = new Date(ctx.now().getTime() - BACK_MS).toISOString();
  const cases = await all(paginateDescribeCases({ client: support }, { includeResolvedCases: true, includeCommunications: false, afterTime }), (page) => page.cases);
  return cases.find((one) => one.subject?.includes(`[${ctx.incident}]`))?.caseId ?? null;
}

/** The gravest level that the account's plan offers. */
async function gravest(support: SupportClient): Promise<string> {
  const { severityLevels = [] } = await support.send(new DescribeSeverityLevelsCommand({ language: 'en' }));
  const offered = severityLevels.map((level) => level.code ?? '');
  return severities.filter((code) => offered.includes(code)).at(-1) ?? offered[0] ?? 'high';
}

/** The codes change, so they are asked for: a security category of an account service first, else any security category, else none (AWS sorts it itself). */
async function securityCategory(support: SupportClient): Promise<{ serviceCode?: string; categoryCode?: string }> {
  const { services = [] } = await support.send(new DescribeServicesCommand({ language: 'en' }));
  const matching = services.flatMap((service: Service) => (service.categories ?? []).filter((category) => /secur|compromis|unauthori[sz]ed|abuse/i.test(`${category.code} ${category.name}`)).map((category) => ({ service, category })));
  const best = matching.find(({ service }) => /account/i.test(`${service.code} ${service.name}`)) ?? matching[0];
  return best ? { serviceCode: best.service.code, categoryCode: best.category.code } : {};
}
