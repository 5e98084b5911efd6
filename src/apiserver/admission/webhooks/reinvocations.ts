import { cloneJson, equalJson } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';

/**
 * Which webhooks run a second time (`reinvocationPolicy: IfNeeded`): those after whose call something changed, by a later
 * webhook or by another plug-in. `mutating/reinvocationcontext.go` of apiserver.
 */
export class Reinvocations {
  /** Called, and willing to be called again. */
  readonly #invoked = new Set<string>();
  readonly #due = new Set<string>();
  #output: KubeObject | undefined;

  isDue(id: string): boolean {
    return this.#due.has(id);
  }

  /** A webhook has been called that takes part. */
  invoked(id: string): void {
    this.#invoked.add(id);
  }

  /** The object has changed: whoever was called before is to see it. */
  changed(): void {
    for (const id of this.#invoked) this.#due.add(id);
    this.#invoked.clear();
  }

  /** The second round: what other plug-ins have changed since the first counts as well. */
  beginAgain(object: KubeObject | undefined): void {
    if (!equalJson(object, this.#output)) this.changed();
  }

  end(object: KubeObject | undefined): void {
    this.#output = cloneJson(object);
  }
}
