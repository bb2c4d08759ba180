import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Typed search attributes; never encrypted, so only our own words and opaque ids are ever in them. */
export const searchAttributes = {
  phase: defineSearchAttributeKey('TourniquetPhase', SearchAttributeType.KEYWORD),
  verdict: defineSearchAttributeKey('TourniquetVerdict', SearchAttributeType.KEYWORD),
  risk: defineSearchAttributeKey('TourniquetRisk', SearchAttributeType.KEYWORD),
  provider: defineSearchAttributeKey('TourniquetProvider', SearchAttributeType.KEYWORD),
  incident: defineSearchAttributeKey('TourniquetIncident', SearchAttributeType.KEYWORD),
} as const;

/** Name and type of each, for registering them on a server. */
export const searchAttributeTypes: Record<string, 'Keyword'> = Object.fromEntries(
  Object.values(searchAttributes).map((key) => [key.name, 'Keyword' as const]),
);
