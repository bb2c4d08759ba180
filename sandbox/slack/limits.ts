import type { KnownBlock } from '@slack/types';

/** Slack's error word for blocks that it would refuse, or null (docs.slack.dev, "Blocks"; the total from bolt-js issue 2509). */
export function refusedBlocks(blocks: readonly KnownBlock[], modal = false): string | null {
  if (!Array.isArray(blocks)) return 'invalid_blocks_format';
  if (blocks.length > (modal ? 100 : 50)) return 'invalid_blocks';
  if (JSON.stringify(blocks).length > 13_000) return 'msg_blocks_too_long';
  const ids = blocks.flatMap((block) => (block.block_id ? [block.block_id] : []));
  if (new Set(ids).size !== ids.length) return 'invalid_blocks';
  return blocks.every(wellFormed) ? null : 'invalid_blocks';
}

function wellFormed(block: KnownBlock): boolean {
  if ((block.block_id?.length ?? 0) > 255) return false;
  switch (block.type) {
    case 'header':
      return between(block.text.text, 1, 150);
    case 'section':
      return (block.text === undefined || between(block.text.text, 1, 3_000)) && (block.fields ?? []).length <= 10 && (block.fields ?? []).every((field) => between(field.text, 1, 2_000));
    case 'context':
      return block.elements.length >= 1 && block.elements.length <= 10;
    case 'actions':
      return block.elements.length >= 1 && block.elements.length <= 25 && block.elements.every((element) => element.type !== 'button' || (between(element.text.text, 1, 75) && (element.value?.length ?? 0) <= 2_000 && (element.action_id?.length ?? 0) <= 255));
    case 'rich_text':
      return block.elements.length >= 1 && everyText(block.elements, (text) => text.length > 0);
    case 'input':
      return between(block.label.text, 1, 2_000) && (block.hint === undefined || between(block.hint.text, 1, 2_000));
    default:
      return true;
  }
}

/** Every `text` element somewhere inside. */
function everyText(value: unknown, holds: (text: string) => boolean): boolean {
  if (Array.isArray(value)) return value.every((one) => everyText(one, holds));
  if (typeof value !== 'object' || value === null) return true;
  const element = value as { type?: string; text?: unknown; elements?: unknown };
  if (element.type === 'text' && (typeof element.text !== 'string' || !holds(element.text))) return false;
  return element.elements === undefined || everyText(element.elements, holds);
}

const between = (text: string, min: number, max: number): boolean => text.length >= min && text.length <= max;
