/** Careful readers for what is in a record: its data is JSON of many hands, and a report must come out whatever stands there. */
import type { Json, JsonObject } from '../../playbook/json';

export const isObject = (value: Json | undefined): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value);
export const textIn = (data: JsonObject, name: string): string | null => (typeof data[name] === 'string' ? data[name] : null);
export const numberIn = (data: JsonObject, name: string): number | null => (typeof data[name] === 'number' ? data[name] : null);
export const objectIn = (data: JsonObject, name: string): JsonObject | null => (isObject(data[name]) ? data[name] : null);
export const textsIn = (data: JsonObject, name: string): string[] => (Array.isArray(data[name]) ? data[name].filter((one): one is string => typeof one === 'string') : []);
export const objectsIn = (data: JsonObject, name: string): JsonObject[] => (Array.isArray(data[name]) ? data[name].filter(isObject) : []);
