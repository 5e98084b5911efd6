/**
 * Runs `count` creations in batches of 1, 2, 4, …: while the first ones fail (a quota, a broken admission webhook) the
 * rest is not tried. Rejects with the first error of the batch that failed (upstream `slowStartBatch`).
 */
export async function slowStart(count: number, create: (index: number) => Promise<unknown>): Promise<void> {
  for (let done = 0, size = 1; done < count; done += size, size *= 2) {
    const batch = Array.from({ length: Math.min(size, count - done) }, (_, offset) => create(done + offset));
    const results = await Promise.allSettled(batch);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
