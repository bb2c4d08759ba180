export type Outcome = 'accepted' | 'ignored' | 'rejected' | 'failed' | 'unauthorized';
const OUTCOMES: readonly Outcome[] = ['accepted', 'ignored', 'rejected', 'failed', 'unauthorized'];

/** Counts alerts per source and outcome, for Prometheus (text format 0.0.4). Labels are the known source ids only: nothing a sender writes becomes a label. */
export class Metrics {
  private readonly counts = new Map<string, number>();
  private readonly waiting = new Map<string, number>();

  constructor(private readonly sources: readonly string[]) {}

  count(source: string, outcome: Outcome, by = 1): void {
    const known = this.sources.includes(source) ? source : 'unknown';
    const key = `${known} ${outcome}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }

  get(source: string, outcome: Outcome): number {
    return this.counts.get(`${source} ${outcome}`) ?? 0;
  }

  /** Messages that gave up and wait in a queue’s dead-letter queue. `queue` is an id from the configuration. */
  deadLetters(queue: string, waiting: number): void {
    this.waiting.set(queue, waiting);
  }

  text(): string {
    const lines = ['# HELP tourniquet_intake_alerts_total Alerts by source and what became of them.', '# TYPE tourniquet_intake_alerts_total counter'];
    for (const source of [...this.sources, 'unknown']) for (const outcome of OUTCOMES) lines.push(`tourniquet_intake_alerts_total{source="${source}",outcome="${outcome}"} ${this.get(source, outcome)}`);
    if (this.waiting.size > 0) lines.push('# HELP tourniquet_intake_dead_letters Messages that gave up and wait.', '# TYPE tourniquet_intake_dead_letters gauge');
    for (const [queue, waiting] of this.waiting) lines.push(`tourniquet_intake_dead_letters{queue="${queue}"} ${waiting}`);
    return `${lines.join('\n')}\n`;
  }
}
