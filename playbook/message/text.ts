/** Texts for people. Parts of them come from an attacker (names, user agents, tags): nothing in them may act on the reader or the client. */

// Controls, zero-width and direction-changing characters: they can reorder or hide what an approver reads (Unicode TR36).
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** At most `max` characters; never cuts a surrogate pair in half. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, Math.max(0, max - 1));
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** One visible line of at most `max` characters, for fields that parse no markup (plain_text, rich text, mail). */
export function plain(text: string, max = 300): string {
  return cut(text.replace(INVISIBLE, ' ').replace(/ {2,}/g, ' ').trim(), max);
}

/**
 * The same for a field that parses mrkdwn. `&`, `<` and `>` become entities, so no mention, link or `<!channel>` can form
 * (docs.slack.dev, "Formatting message text"); marks that have no escape become their look-alikes.
 */
export function mrkdwn(text: string, max = 300): string {
  const inert = plain(text, max).replace(/`/g, 'ˋ').replace(/\*/g, '∗').replace(/~/g, '∼').replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ');
  return inert.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** `14:05 UTC`, or with the date when it is another day than `from`. */
export function clock(at: string, from = at): string {
  const hour = `${at.slice(11, 16)} UTC`;
  return at.slice(0, 10) === from.slice(0, 10) ? hour : `${at.slice(0, 10)} ${hour}`;
}

/** At most `max` lines; the last one says how many were left out. */
export function firstLines(lines: readonly string[], max: number, rest: (left: number) => string): string[] {
  if (lines.length <= max) return [...lines];
  return [...lines.slice(0, max - 1), rest(lines.length - max + 1)];
}

/** As many lines as fit into `budget` characters of JSON (Slack counts quotes and backslashes twice); the last one says how many were left out. */
export function fittingLines(lines: readonly string[], budget: number, rest: (left: number) => string): string[] {
  const wrapping = 100; // the rich-text objects around each line
  let spent = 0;
  const fit = lines.findIndex((line) => (spent += JSON.stringify(line).length + wrapping) > budget);
  return fit === -1 ? [...lines] : firstLines(lines, Math.max(1, fit), rest);
}
