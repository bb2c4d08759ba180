/** A condition of a Sigma rule, over the names of its selections. Source: Sigma specification, "Condition". */
export type Condition = { op: 'and' | 'or'; of: Condition[] } | { op: 'not'; of: Condition } | { op: 'selection'; name: string } | { op: 'count'; least: number | 'all'; names: string[] };

class Reader {
  private at = 0;
  constructor(private readonly tokens: string[], private readonly names: readonly string[]) {}

  whole(): Condition {
    const condition = this.either();
    if (this.at < this.tokens.length) throw new Error(`condition: ${this.tokens[this.at]} is not understood`);
    return condition;
  }

  private either(): Condition {
    const parts = [this.both()];
    while (this.take('or')) parts.push(this.both());
    return parts.length === 1 ? parts[0]! : { op: 'or', of: parts };
  }

  private both(): Condition {
    const parts = [this.single()];
    while (this.take('and')) parts.push(this.single());
    return parts.length === 1 ? parts[0]! : { op: 'and', of: parts };
  }

  private single(): Condition {
    if (this.take('not')) return { op: 'not', of: this.single() };
    if (this.take('(')) {
      const inner = this.either();
      if (!this.take(')')) throw new Error('condition: a bracket is not closed');
      return inner;
    }
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Error('condition: it ends too early');
    if ((token === 'all' || /^\d+$/.test(token)) && this.take('of')) return this.count(token === 'all' ? 'all' : Number(token));
    if (!this.names.includes(token)) throw new Error(`condition: there is no selection ${token}`);
    return { op: 'selection', name: token };
  }

  private count(least: number | 'all'): Condition {
    const pattern = this.tokens[this.at++];
    if (pattern === undefined) throw new Error('condition: of what?');
    const names = this.names.filter((name) => (pattern === 'them' ? !name.startsWith('_') : pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
    if (names.length === 0) throw new Error(`condition: there is no selection ${pattern}`);
    return { op: 'count', least, names };
  }

  private take(word: string): boolean {
    if (this.tokens[this.at]?.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }
}

/** Reads a condition; throws with what is not understood, never guesses. `names`: the rule's selections. */
export function parseCondition(text: string, names: readonly string[]): Condition {
  if (/[|]/.test(text)) throw new Error('condition: aggregations are not supported');
  return new Reader(text.match(/[()]|[^\s()]+/g) ?? [], names).whole();
}

export function holds(condition: Condition, selection: (name: string) => boolean): boolean {
  switch (condition.op) {
    case 'and': return condition.of.every((one) => holds(one, selection));
    case 'or': return condition.of.some((one) => holds(one, selection));
    case 'not': return !holds(condition.of, selection);
    case 'selection': return selection(condition.name);
    case 'count': {
      const met = condition.names.filter(selection).length;
      return met >= (condition.least === 'all' ? condition.names.length : condition.least);
    }
  }
}
