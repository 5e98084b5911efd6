import { joinKey, type KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';
import type { InformerSet } from './informer-set.ts';
import type { KubeClient } from './kube-client.ts';

/**
 * A client whose writes are seen at once by the informers of the set. So a reconciler that has just created what was
 * missing reads it back in its next round and does not create it twice: this takes the place of client-go's expectations.
 */
export function writeThrough(client: KubeClient, informers: InformerSet): KubeClient {
  const noted = <T extends KubeObject>(resource: ResourceInfo, subresource: string | undefined, answer: T): T => {
    // Subresources may answer with another kind (Binding, Scale, TokenRequest).
    const same = subresource === undefined || subresource === 'status' || subresource === 'finalize';
    if (!same || answer.kind !== resource.kind) return answer;
    for (const informer of informers.viewsOf(resource)) informer.note(structuredClone(answer));
    return answer;
  };
  return {
    ...client,
    create: async <T extends KubeObject>(...args: Parameters<KubeClient['create']>) =>
      noted(args[0], args[1].subresource, await client.create<T>(...args)),
    update: async <T extends KubeObject>(...args: Parameters<typeof client.update<T>>) =>
      noted(args[0], args[1].subresource, await client.update<T>(...args)),
    patch: async <T extends KubeObject>(...args: Parameters<KubeClient['patch']>) =>
      noted(args[0], args[1].subresource, await client.patch<T>(...args)),
    delete: async (...args) => {
      const [resource, target] = args;
      const key = joinKey(resource.namespaced ? target.namespace : undefined, target.name);
      const kept = informers.viewsOf(resource).map((informer) => {
        return { informer, uid: informer.objects.get(key)?.metadata?.uid };
      });
      const left = await client.delete(...args);
      if (left !== undefined) return noted(resource, undefined, left);
      for (const { informer, uid } of kept) informer.noteDeleted(key, uid);
      return left;
    },
  };
}
