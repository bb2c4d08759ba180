import type { Observation } from '../../../playbook/permission-audit/model';
import { codeOf, toFailure } from '../../boundary';
import { classifyAzure } from '../errors';

export interface Window { from: Date; to: Date }

export const nothingSeen = (): Observation => ({ createdAt: null, exempt: null, tags: {}, owners: [], claims: [], log: [], used: [], services: null, failed: [], notes: [] });

/** A read that fails is a line, and the subject is left alone. */
export const attempting = (seen: Observation) => async (what: string, read: () => Promise<void>): Promise<void> =>
  read().catch((error: unknown) => void seen.failed.push(`${what}: ${codeOf(toFailure(error, classifyAzure)) ?? 'UNEXPECTED'}`));

/** The latest of ISO times; null when there is none. */
export const latest = (...times: (string | null | undefined)[]): string | null => times.filter((one): one is string => Boolean(one)).sort((a, b) => Date.parse(a) - Date.parse(b)).pop() ?? null;

/** A success in the window is enough: nothing else has to be asked. */
export const usedIn = ({ used, log }: Observation, { from }: Window): boolean => [...used, ...log.filter((one) => !one.denied)].some((one) => Date.parse(one.at) > from.getTime());
