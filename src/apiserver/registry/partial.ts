import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import type { ServedResource } from './catalog.ts';

/** The metadata of an object in place of the object. */
export function partial(served: ServedResource, object: KubeObject, metaVersion: string): KubeObject {
  const hidden = served.strategy.fieldAnnotations ?? [];
  const metadata = object.metadata ?? {};
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: hidden.length === 0 ? metadata : withoutAnnotations(metadata, hidden),
  };
}

function withoutAnnotations({ annotations = {}, ...metadata }: ObjectMeta, hidden: readonly string[]): ObjectMeta {
  const shown = Object.entries(annotations).filter(([name]) => !hidden.includes(name));
  return shown.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(shown) };
}
