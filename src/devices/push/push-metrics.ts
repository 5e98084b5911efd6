/** What became of pushed values, for Prometheus. Pure. */

export interface PushCounts {
  /** Where to, without credentials. */
  readonly target: string;
  readonly delivered: number;
  readonly failed: number;
  readonly waiting: number;
}

/** Targets of one address (their queries differ) are one: a series may be there but once. */
export function pushMetrics(counts: readonly PushCounts[]): string {
  if (counts.length === 0) return '';
  const sums = new Map<string, PushCounts>();
  for (const each of counts) sums.set(each.target, sum(sums.get(each.target), each));
  const all = [...sums.values()];
  const total = 'edgesite_device_pushes_total';
  const waiting = 'edgesite_device_pushes_waiting';
  return [
    `# HELP ${total} Reported values that were pushed, by what became of them.`,
    `# TYPE ${total} counter`,
    ...all.flatMap(({ target, delivered, failed }) => [
      `${total}{target="${escaped(target)}",result="delivered"} ${delivered}`,
      `${total}{target="${escaped(target)}",result="failed"} ${failed}`,
    ]),
    `# HELP ${waiting} Reported values that wait for their target.`,
    `# TYPE ${waiting} gauge`,
    ...all.map((counts) => `${waiting}{target="${escaped(counts.target)}"} ${counts.waiting}`),
    '',
  ].join('\n');
}

function sum(one: PushCounts | undefined, other: PushCounts): PushCounts {
  if (one === undefined) return other;
  return {
    target: one.target,
    delivered: one.delivered + other.delivered,
    failed: one.failed + other.failed,
    waiting: one.waiting + other.waiting,
  };
}

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`);
}
