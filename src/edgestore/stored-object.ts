import type { KubeObject } from '../api/object.ts';
import type { StoredObject } from './edge-store.ts';

/** An object as the store keeps it. `json` is given where the wire's own bytes are at hand. */
export function storedFrom(object: KubeObject, json: string = JSON.stringify(object)): StoredObject {
  return {
    namespace: object.metadata?.namespace ?? '',
    name: object.metadata?.name ?? '',
    resourceVersion: object.metadata?.resourceVersion ?? '',
    json,
  };
}
