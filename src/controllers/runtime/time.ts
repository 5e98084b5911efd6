/** `metav1.Time` on the wire: whole seconds, UTC. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds since the epoch; nothing where there is no time. */
export function timeOf(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Orders by creation, then by name. */
export function byAge(
  a: { metadata?: { creationTimestamp?: string | null; name?: string } },
  b: { metadata?: { creationTimestamp?: string | null; name?: string } },
): number {
  const difference = (timeOf(a.metadata?.creationTimestamp) ?? 0) - (timeOf(b.metadata?.creationTimestamp) ?? 0);
  return difference === 0 ? (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '') : difference;
}
