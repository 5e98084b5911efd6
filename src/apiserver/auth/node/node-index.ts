/** Which objects relate to which node, through the pods that run there. Fed with every change of pods and claims. */
import type { Pod } from '../../../api/kinds.ts';
import { joinKey, type KubeObject } from '../../../api/object.ts';
import { podReferences } from '../../../api/pod-references.ts';

interface PlacedPod {
  readonly node: string;
  /** `resource/namespace/name` of what it names. */
  readonly references: ReadonlySet<string>;
}

export class NodeIndex {
  readonly #pods = new Map<string, PlacedPod>();
  readonly #byNode = new Map<string, Set<string>>();
  /** The volume that a claim is bound to. */
  readonly #volumes = new Map<string, string>();

  /** The pod at `namespace/name` is now this, or gone. */
  setPod(key: string, pod: Pod | undefined): void {
    const old = this.#pods.get(key);
    if (old !== undefined) this.#leave(old.node, key);
    const node = pod?.spec?.nodeName ?? '';
    if (pod === undefined || node === '') return;
    const namespace = pod.metadata?.namespace ?? '';
    const references = podReferences(pod).map(({ resource, name }) => `${resource}/${joinKey(namespace, name)}`);
    this.#pods.set(key, { node, references: new Set(references) });
    const pods = this.#byNode.get(node) ?? new Set();
    this.#byNode.set(node, pods.add(key));
  }

  setClaim(key: string, claim: KubeObject | undefined): void {
    const volume = (claim?.['spec'] as { volumeName?: string } | undefined)?.volumeName ?? '';
    if (volume === '') this.#volumes.delete(key);
    else this.#volumes.set(key, volume);
  }

  runs(node: string, podKey: string): boolean {
    return this.#pods.get(podKey)?.node === node;
  }

  /** Whether a pod of the node names the object. */
  relates(node: string, resource: string, namespace: string, name: string): boolean {
    const id = `${resource}/${joinKey(namespace, name)}`;
    return this.#podsOf(node).some(({ references }) => references.has(id));
  }

  /** Whether a pod of the node names a claim that is bound to the volume. */
  relatesToVolume(node: string, volume: string): boolean {
    const claims = [...this.#volumes].filter(([, name]) => name === volume).map(([key]) => key);
    const pods = this.#podsOf(node);
    return claims.some((key) => pods.some(({ references }) => references.has(`persistentvolumeclaims/${key}`)));
  }

  #podsOf(node: string): PlacedPod[] {
    const keys = [...(this.#byNode.get(node) ?? [])];
    return keys.map((key) => this.#pods.get(key)).filter((pod) => pod !== undefined);
  }

  #leave(node: string, key: string): void {
    this.#pods.delete(key);
    const pods = this.#byNode.get(node);
    pods?.delete(key);
    if (pods?.size === 0) this.#byNode.delete(node);
  }
}
