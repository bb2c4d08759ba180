/** A parsed request or response: member names as in the service's model. */
export type Json = { [key: string]: unknown };

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (input: Json, key: string): string | undefined => (typeof input[key] === 'string' ? (input[key] as string) : undefined);

export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** `UserName` -> `userName`: the form that CloudTrail uses. */
export const lowerFirst = (name: string): string => (name ? name[0]!.toLowerCase() + name.slice(1) : name);
