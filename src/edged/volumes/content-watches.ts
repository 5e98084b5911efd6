/** Tells which pods are concerned when a config map or a secret changes that their volumes show: one watch for each. */
import type { ConfigMap, Pod } from '../../api/kinds.ts';
import { contentReferences, type PodReference } from '../../api/pod-references.ts';
import { builtIn } from '../../api/resources.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { Informer, type KubeClient } from '../../client/index.ts';

export interface ContentWatchesParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** All that is kept of an object: its version says whether it has changed, the content is read where it is written. */
type Watched = Pick<ConfigMap, 'metadata' | 'immutable'> & { [key: string]: unknown };

interface Watch {
  readonly pods: Set<string>;
  readonly informer: Informer<Watched>;
}

/**
 * A node may watch what its pods name, each object by itself (the node authorizer says so), and so does a kubelet. What
 * calls itself immutable is let go of once it has been seen.
 */
export class ContentWatches {
  readonly #parts: ContentWatchesParts;
  readonly #onChange: (podUid: string) => void;
  readonly #watches = new Map<string, Watch>();
  readonly #keysByPod = new Map<string, ReadonlySet<string>>();
  readonly #ending = new Set<Promise<void>>();

  constructor(parts: ContentWatchesParts, onChange: (podUid: string) => void) {
    this.#parts = parts;
    this.#onChange = onChange;
  }

  /** The pod as it is now; undefined or ended: nothing of it is followed any more. */
  follow(uid: string, pod: Pod | undefined): void {
    const namespace = pod?.metadata?.namespace ?? '';
    const wanted = new Map(
      (pod === undefined || isOver(pod) ? [] : contentReferences(pod)).map((reference) => [
        `${reference.resource}/${namespace}/${reference.name}`,
        reference,
      ]),
    );
    const present = this.#keysByPod.get(uid) ?? new Set<string>();
    for (const key of present) if (!wanted.has(key)) this.#leave(key, uid);
    for (const [key, reference] of wanted) if (!present.has(key)) this.#join(key, namespace, reference, uid);
    if (wanted.size === 0) this.#keysByPod.delete(uid);
    else this.#keysByPod.set(uid, new Set(wanted.keys()));
  }

  async close(): Promise<void> {
    for (const { informer } of this.#watches.values()) this.#end(informer);
    this.#watches.clear();
    this.#keysByPod.clear();
    await Promise.all(this.#ending);
  }

  #join(key: string, namespace: string, reference: PodReference, uid: string): void {
    const watch = this.#watches.get(key) ?? this.#begin(key, namespace, reference);
    watch.pods.add(uid);
  }

  #leave(key: string, uid: string): void {
    const watch = this.#watches.get(key);
    watch?.pods.delete(uid);
    if (watch === undefined || watch.pods.size > 0) return;
    this.#watches.delete(key);
    this.#end(watch.informer);
  }

  #begin(key: string, namespace: string, { resource, name }: PodReference): Watch {
    const informer = new Informer<Watched>({
      ...this.#parts,
      resource: builtIn('v1', resource),
      namespace,
      fieldSelector: `metadata.name=${name}`,
      trim: ({ metadata = {}, immutable }) => ({
        metadata,
        ...(immutable === undefined ? {} : { immutable }),
      }),
    });
    const watch = { pods: new Set<string>(), informer };
    informer.onChange(({ after }) => {
      for (const uid of watch.pods) this.#onChange(uid);
      if (after?.immutable === true) this.#end(informer);
    });
    this.#watches.set(key, watch);
    informer.start();
    return watch;
  }

  #end(informer: Informer<Watched>): void {
    const ended = informer.close().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
