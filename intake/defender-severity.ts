const SEVERITY = new Map([['high', 8], ['medium', 5], ['low', 2], ['informational', 1], ['unknown', 5]]);

/** Microsoft’s severity on GuardDuty’s scale, so that one rule reads both; undefined for any other word. Graph, Sentinel and Defender for Cloud share the words. */
export const severityOf = (word: string): number | undefined => SEVERITY.get(word.toLowerCase());
