/** What became of pushed values, for Prometheus. Pure. */

export interface PushCounts {
  /** Where to, without credentials. */
  readonly target: string;
  readonly delivered: number;
  readonly failed: number;
  readonly waiting: number;
}

export function pushMetrics(all: readonly PushCounts[]): string {
  if (all.length === 0) return '';
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

function escaped(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`);
}
