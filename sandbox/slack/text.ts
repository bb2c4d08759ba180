import type { KnownBlock } from '@slack/types';
import type { SlackMessage } from './workspace';

/** A message as plain lines: what a test, or a person without the page, reads. */
export function readable(message: Pick<SlackMessage, 'text' | 'blocks'>): string {
  const lines = message.blocks.flatMap((block) => linesOf(block));
  return lines.length > 0 ? lines.join('\n') : message.text;
}

function linesOf(block: KnownBlock): string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text];
    case 'section':
      return [...(block.text ? [block.text.text] : []), ...(block.fields ?? []).map((field) => field.text)];
    case 'context':
      return [block.elements.map((element) => ('text' in element ? String(element.text) : '')).join(' ')];
    case 'actions':
      return [block.elements.map((element) => (element.type === 'button' ? `[${element.text.text}]` : '')).join(' ')];
    case 'rich_text':
      return block.elements.flatMap((element) => (element.type === 'rich_text_list' ? element.elements.map((one) => `• ${inline(one.elements)}`) : [inline(element.elements)]));
    default:
      return [];
  }
}

function inline(elements: readonly unknown[]): string {
  return elements.map((element) => {
    const one = element as { type: string; text?: string; user_id?: string; url?: string };
    return one.type === 'user' ? `@${one.user_id}` : (one.text ?? one.url ?? '');
  }).join('');
}
