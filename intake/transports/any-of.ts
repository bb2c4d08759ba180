import { isMembers, join, text, type Members } from '../fields';
import { parseJson } from '../json';
import { detectSource } from '../sources';
import type { ParseResult, Source } from '../source';

/** An SNS notification, as HTTP and SQS subscriptions get it. */
export const isNotification = (value: unknown): value is Members => isMembers(value) && value['Type'] === 'Notification' && text(value['TopicArn']) !== '' && typeof value['Message'] === 'string';

/** What a notification carries: its message when that is JSON, else the whole notification (AWS Budgets writes letters). */
export function carriedBy(payload: unknown): unknown {
  if (!isNotification(payload)) return payload;
  const message = parseJson(payload['Message'] as string);
  return 'value' in message && typeof message.value === 'object' && message.value !== null ? message.value : payload;
}

/** What a transport that carries several sources delivers: each payload is read by the source whose shape it has. */
export function anyOf(id: string, sources: readonly Source[]): Source {
  return {
    id,
    recognises: (payload) => detectSource(carriedBy(payload), sources) !== null,
    parse(payload, options) {
      const carried = carriedBy(payload);
      return itemsIn(carried).flatMap(([item, path]): ParseResult => {
        const source = detectSource(item, sources);
        if (!source) return [{ rejected: { path: path || '(record)', problem: `has the shape of no source that ${id} may send` } }];
        return source.parse(item, options).map((one) => ('rejected' in one && path !== '' ? { rejected: { ...one.rejected, path: join(path, one.rejected.path) } } : one));
      });
    },
  };
}

/** A list, and the `records` of a diagnostic setting, may mix categories: each is read by itself. */
function itemsIn(carried: unknown): [unknown, string][] {
  if (Array.isArray(carried)) return carried.map((item, index) => [item, `[${index}]`]);
  if (isMembers(carried) && Array.isArray(carried['records'])) return carried['records'].map((item, index) => [item, `records[${index}]`]);
  return [[carried, '']];
}
