import type { Risk, VerdictKind } from '../model/verdict';

const RISKS: readonly Risk[] = ['info', 'low', 'medium', 'high', 'critical'];
const VERDICTS: readonly VerdictKind[] = ['false-positive', 'verify', 'critical'];

/** 0 (info) to 4 (critical). */
export const riskRank = (risk: Risk): number => RISKS.indexOf(risk);
export const graverRisk = (a: Risk, b: Risk): Risk => (riskRank(a) >= riskRank(b) ? a : b);
/** One step graver, up to high: critical is for what the playbook’s table names. */
export const raisedRisk = (risk: Risk): Risk => (riskRank(risk) >= riskRank('high') ? risk : RISKS[riskRank(risk) + 1]!);
/** 0 (false-positive) to 2 (critical). */
export const verdictRank = (kind: VerdictKind): number => VERDICTS.indexOf(kind);
export const graverVerdict = (a: VerdictKind, b: VerdictKind): VerdictKind => (verdictRank(a) >= verdictRank(b) ? a : b);
