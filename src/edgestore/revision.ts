/**
 * Resource versions as numbers of any length (Kubernetes guarantees since 1.35 that they compare so).
 * Negative where `a` is older. What is not a number counts as newest: it is taken as it comes.
 */
export function compareRevisions(a: string, b: string): number {
  const left = digits(a);
  const right = digits(b);
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? 1 : -1;
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

export function newerRevision(a: string, b: string): string {
  return compareRevisions(a, b) >= 0 ? a : b;
}

function digits(revision: string): string | undefined {
  return /^\d+$/.test(revision) ? revision.replace(/^0+(?=\d)/, '') : undefined;
}
