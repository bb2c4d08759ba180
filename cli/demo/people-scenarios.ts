import { playBreakGlassHuman } from './break-glass-human';
import type { Check } from './checks';
import type { House } from './house';
import { playJit } from './jit';
import { playPermissionAudit } from './permission-audit';

export interface PeopleScenario {
  /** What it tells, in a line. */
  story: string;
  play(house: House, options: { auto: boolean; say(line: string): void }): Promise<Check[]>;
}

/** Scenarios without an attacker: what people ask for and decide. */
export const peopleScenarios = {
  'break-glass-human': { story: 'Ada needs root’s password, which no API takes: it is lent to her alone, shown once, taken back, and its change is proven', play: playBreakGlassHuman },
  jit: { story: 'Dana asks for a role for half an hour, is given it by somebody else, and returns it early', play: playJit },
  'permission-audit': { story: 'Ada looks for what nobody has used for 90 days: its owners are asked, and only what nobody needs goes, after a quarantine', play: playPermissionAudit },
} as const satisfies Record<string, PeopleScenario>;
