import type { KubeObject } from '../../api/object.ts';
import type { StoredObject } from '../../edgestore/index.ts';

/** An event touches two objects, and each selector looks at both. */
const KEPT_PARSES = 4;

/** Parses an object once for all selectors that look at it in a row. */
export class RecentParses {
  readonly #kept = new Map<StoredObject, KubeObject>();

  of(object: StoredObject): KubeObject {
    const known = this.#kept.get(object);
    if (known !== undefined) return known;
    const parsed = JSON.parse(object.json) as KubeObject;
    this.#kept.set(object, parsed);
    const oldest = this.#kept.size > KEPT_PARSES ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    return parsed;
  }
}
