import type { KubeObject } from '../api/object.ts';
import type { SnapshotPort } from '../client/index.ts';

/** A snapshot that passes over changes of the status alone: what was reported is not worth a write to the disk each time. */
export function specSnapshot<T extends KubeObject>(snapshot: SnapshotPort<T>): SnapshotPort<T> {
  return {
    load: () => snapshot.load(),
    replace: (objects) => snapshot.replace(objects),
    apply: (change) => {
      const { before, after } = change;
      const same = before !== undefined && after !== undefined && before.metadata?.uid === after.metadata?.uid;
      if (!same || before.metadata?.generation !== after.metadata?.generation) snapshot.apply(change);
    },
  };
}
