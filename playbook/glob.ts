/** Does `text` match `pattern`, where `*` is any run and `?` any one character? Case-insensitive, linear in time: no regular expression, so no backtracking on hostile text. */
export function globMatches(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = text.toLowerCase();
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < given.length) {
    if (wanted[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < wanted.length && (wanted[p] === given[t] || wanted[p] === '?')) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (wanted[p] === '*') p++;
  return p === wanted.length;
}
