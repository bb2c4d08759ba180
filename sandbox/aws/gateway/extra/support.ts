import { Fault } from '../protocol/faults';
import { listOf, textOf, type Json } from '../protocol/shapes';
import type { Extra, Handler, Handlers } from './types';

const casesOf = ({ world, caller }: Extra): Map<string, Json> => world.shelf('support-cases', caller.account, () => new Map<string, Json>());

/** Accounts without a paid plan have no Support API (AWS Support API reference, "SubscriptionRequiredException"). */
const withPlan = (handler: Handler): Handler => (extra) => {
  if (!extra.world.supportPlans.has(extra.caller.account)) throw new Fault('SubscriptionRequiredException', 'Amazon Web Services Premium Support Subscription is required to use this service.');
  return handler(extra);
};

export const support: Handlers = {
  CreateCase: withPlan((extra) => {
    const { call, caller, world } = extra;
    const subject = textOf(call.input, 'subject');
    const body = textOf(call.input, 'communicationBody');
    if (!subject || !body) throw new Fault('InternalServerError', 'subject and communicationBody are required.', 500);
    const number = casesOf(extra).size + 1;
    const caseId = `case-${caller.account}-muen-${new Date(world.now()).getUTCFullYear()}-${number.toString(16).padStart(12, '0')}`;
    casesOf(extra).set(caseId, {
      caseId, displayId: String(10_000_000_000 + number), subject, status: 'opened', serviceCode: call.input.serviceCode ?? 'general-info', categoryCode: call.input.categoryCode ?? 'other', severityCode: call.input.severityCode ?? 'low',
      submittedBy: 'sandbox', timeCreated: new Date(world.now()).toISOString(), language: call.input.language ?? 'en', ccEmailAddresses: call.input.ccEmailAddresses ?? [],
      recentCommunications: { communications: [{ caseId, body, submittedBy: 'sandbox', timeCreated: new Date(world.now()).toISOString() }] },
    });
    return { caseId };
  }),
  DescribeCases: withPlan((extra) => {
    const wanted = listOf(extra.call.input.caseIdList).map(String);
    const all = [...casesOf(extra).values()];
    if (wanted.some((id) => !casesOf(extra).has(id))) throw new Fault('CaseIdNotFound', 'The requested caseId could not be located.');
    return { cases: (wanted.length ? all.filter((one) => wanted.includes(String(one.caseId))) : all).filter((one) => extra.call.input.includeResolvedCases === true || one.status !== 'resolved') };
  }),
  AddCommunicationToCase: withPlan((extra) => {
    const found = casesOf(extra).get(String(extra.call.input.caseId));
    if (!found) throw new Fault('CaseIdNotFound', 'The requested caseId could not be located.');
    (found.recentCommunications as { communications: Json[] }).communications.unshift({ caseId: found.caseId, body: extra.call.input.communicationBody, submittedBy: 'sandbox', timeCreated: new Date(extra.world.now()).toISOString() });
    return { result: true };
  }),
  ResolveCase: withPlan((extra) => {
    const found = casesOf(extra).get(String(extra.call.input.caseId));
    if (!found) throw new Fault('CaseIdNotFound', 'The requested caseId could not be located.');
    const initialCaseStatus = found.status;
    found.status = 'resolved';
    return { initialCaseStatus, finalCaseStatus: 'resolved' };
  }),
  DescribeSeverityLevels: withPlan(() => ({ severityLevels: [['low', 'Low'], ['normal', 'Normal'], ['high', 'High'], ['urgent', 'Urgent'], ['critical', 'Critical']].map(([code, name]) => ({ code, name })) })),
  DescribeServices: withPlan(() => ({ services: [{ code: 'account-management', name: 'Account Management', categories: [{ code: 'security', name: 'Security' }] }, { code: 'general-info', name: 'General Info and Getting Started', categories: [{ code: 'other', name: 'Other' }] }] })),
};
