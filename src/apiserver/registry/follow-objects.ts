import type { KubeObject } from '../../api/object.ts';
import type { ObjectStore } from '../store/index.ts';
import { parseStored } from './codec.ts';

/** Tells of every object of a resource, as it is and as it changes; undefined for those that go. Returns the end of it. */
export async function followObjects(
  store: ObjectStore,
  resource: string,
  set: (key: string, object: KubeObject | undefined) => void,
): Promise<() => void> {
  const { items, revision } = await store.list({ resource });
  for (const stored of items) set(stored.key, parseStored(stored));
  return store.watch(resource, revision, (event) =>
    set(event.key, event.type === 'DELETED' ? undefined : parseStored(event)),
  );
}
