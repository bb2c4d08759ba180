import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { linksBetween } from '../playbook/campaign';
import { campaignQuery, joinCampaignSignal, type CampaignMember } from './messages';
import { caseActivities, risk } from './options';

export interface CampaignInput {
  members: CampaignMember[];
  /** The accounts that were told of already, so that one major incident is one escalation. */
  told: string[];
  /** Per address, how many incidents people were told that it links. */
  linked?: Record<string, number>;
}

/** Several accounts within a window are one major incident (6.6): told once, and again only when another account joins. Ends when the window has passed in silence. */
export async function campaign(input: CampaignInput = { members: [], told: [] }): Promise<{ accounts: number }> {
  const { members, told, linked = {} } = input;
  let fresh = members.length > 0;
  setHandler(joinCampaignSignal, (member) => {
    if (members.some((one) => one.incident === member.incident && one.caseKey === member.caseKey)) return;
    members.push(member);
    fresh = true;
  });
  setHandler(campaignQuery, () => ({ members, escalated: told.length > 0, links: linksBetween(members) }));
  for (;;) {
    const windowMs = members.at(-1)?.windowMs ?? 3_600_000;
    const more = await condition(() => fresh, windowMs, { summary: 'the campaign’s window' });
    if (!more) return { accounts: accountsOf(members).length };
    fresh = false;
    dropOld(members);
    await escalateMajor(members, told);
    await tellLinks(members, linked);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof campaign>({ members, told, linked });
  }
}

const accountsOf = (members: readonly CampaignMember[]): string[] => [...new Set(members.map((one) => `${one.provider}:${one.account}`))];

function dropOld(members: CampaignMember[]): void {
  const newest = Math.max(...members.map((one) => Date.parse(one.at)));
  for (let index = members.length - 1; index >= 0; index -= 1) {
    const member = members[index]!;
    if (newest - Date.parse(member.at) > member.windowMs) members.splice(index, 1);
  }
}

async function escalateMajor(members: readonly CampaignMember[], told: string[]): Promise<void> {
  const accounts = accountsOf(members);
  const last = members.at(-1)!;
  setCurrentDetails(`${members.length} incidents in ${accounts.length} accounts`);
  if (accounts.length < last.accounts || accounts.every((account) => told.includes(account))) return;
  told.push(...accounts.filter((account) => !told.includes(account)));
  await caseActivities('Major incident', risk.notify)
    .escalate({
      caseKey: last.caseKey, condition: `6.6/${accounts.length}`, title: `Major incident: ${accounts.length} cloud accounts affected`,
      lines: members.map((one) => `${one.incident}: ${one.provider} account ${one.account}, first seen ${one.at}`), to: ['major-incident'], deadline: null,
    })
    .catch(() => undefined);
}

/** An address that several incidents share: told once, and again when another one has it. */
async function tellLinks(members: readonly CampaignMember[], linked: Record<string, number>): Promise<void> {
  for (const { address, incidents } of linksBetween(members)) {
    if (incidents.length <= (linked[address] ?? 0)) continue;
    linked[address] = incidents.length;
    await caseActivities('Incidents that share an address', risk.notify)
      .notify({ caseKey: members.at(-1)!.caseKey, key: `linked/${address}/${incidents.length}`, level: 'warn', title: `${incidents.length} incidents came from ${address}`, lines: incidents.map((incident) => `${incident}: the same address, perhaps the same attacker; nothing was merged`) })
      .catch(() => undefined);
  }
}
