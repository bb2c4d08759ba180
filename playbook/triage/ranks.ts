import type { Risk, VerdictKind } from '../model/verdict';

const RISKS: readonly Risk[] = ['info', 'low', 'medium', 'high', 'critical'];
const VERDICTS: readonly VerdictKind[] = ['false-positive', 'verify', 'critical'];

/** 0 (info) to 4 (critical). */
export const riskRank = (risk: Risk): number => RISKS.indexOf(risk);
export const graverRisk = (a: Risk, b: Risk): Risk => (riskRank(a) >= riskRank(b) ? a : b);
/** 0 (false-positive) to 2 (critical). */
export const verdictRank = (kind: VerdictKind): number => VERDICTS.indexOf(kind);
export const graverVerdict = (a: VerdictKind, b: VerdictKind): VerdictKind => (verdictRank(a) >= verdictRank(b) ? a : b);
