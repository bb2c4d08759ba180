import type { Alert } from '../model/alert';
import type { Classification } from '../model/verdict';
import { riskRowOf } from '../risk-table';
import { alerting, ignored } from './classification';
import { brief, fact, fires, quiet } from './reading';

/** Groups that own a domain or a server, by the last part of their SID: names are translated and may be changed, these are not. Source: Windows, well-known SIDs. */
const DOMAIN_RIDS: Record<string, string> = { '512': 'Domain Admins', '518': 'Schema Admins', '519': 'Enterprise Admins', '520': 'Group Policy Creator Owners', '526': 'Key Admins', '527': 'Enterprise Key Admins' };
const BUILT_IN: Record<string, string> = { '544': 'Administrators', '548': 'Account Operators', '549': 'Server Operators', '550': 'Print Operators', '551': 'Backup Operators' };
/** When the sender left the SID out. */
const NAMES = /^(.*\\)?(domain admins|schema admins|enterprise admins|administrators|account operators|server operators|backup operators|dnsadmins|(enterprise )?key admins|group policy creator owners)$/i;
const ROW = { ...riskRowOf('attach-policy'), techniques: ['T1098.007', 'T1078.002'] };

function privileged(sid: string, group: string): string | null {
  const domain = /^S-1-5-21-\d{1,10}-\d{1,10}-\d{1,10}-(\d{1,10})$/.exec(sid);
  if (domain && Object.hasOwn(DOMAIN_RIDS, domain[1]!)) return DOMAIN_RIDS[domain[1]!]!;
  const built = /^S-1-5-32-(\d{1,5})$/.exec(sid);
  if (built && Object.hasOwn(BUILT_IN, built[1]!)) return BUILT_IN[built[1]!]!;
  return NAMES.test(group.slice(0, 256)) ? group.slice(group.lastIndexOf('\\') + 1) : null;
}

/** Somebody was added to a group of the Windows domain (events 4728, 4732, 4756): an alert when the group administers it. */
export function classifyWindowsGroup(alert: Alert): Classification {
  const group = privileged(fact(alert, 'groupSid'), fact(alert, 'group'));
  const [member, by] = [brief(fact(alert, 'member'), 120), brief(fact(alert, 'by'), 120)];
  if (group === null) return ignored('attach-policy', 'low', quiet('ordinary-group', `${member} was added to ${brief(fact(alert, 'group'), 120)}, which administers nothing`));
  const told = alerting(ROW, fires('domain-admin-added', `${by} added ${alert.facts['self'] === true ? 'themselves' : member} to ${brief(group, 80)}`));
  const notes = [
    ...(alert.facts['byKnown'] === true ? [] : [{ code: 'actor-unknown', text: `${by} is nobody in the directory of people${alert.principal === null ? '' : ': the incident is the member’s'}`, source: 'config:people' }]),
    ...(fact(alert, 'memberKnown') === '' ? [{ code: 'member-unknown', text: `${member} is nobody in the directory of people`, source: 'config:people' }] : []),
  ];
  return { ...told, reasons: [...told.reasons, ...notes] };
}
