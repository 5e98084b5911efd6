/** Objects and their bytes: what is stored is what is served. */
import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import { StatusError } from '../../api/status-error.ts';
import type { ItemCut, Stored } from '../store/index.ts';
import { apiVersionOf, type ServedResource } from './catalog.ts';

/** As much as etcd takes: clients reckon with it. */
const MAX_OBJECT_BYTES = 1.5 * 1024 * 1024;

/**
 * The JSON of an object at a revision: `kind` and `apiVersion` first, so that lists can cut them off. Throws what
 * upstream answers for an object that is too large.
 */
export function render(object: KubeObject, info: ResourceInfo, revision: number): Buffer {
  const bytes = Buffer.from(JSON.stringify(ordered(object, info, String(revision))));
  if (bytes.byteLength > MAX_OBJECT_BYTES) throw new StatusError('', 'etcdserver: request is too large');
  return bytes;
}

/** The object as it is answered and stored. An empty `revision` leaves the resourceVersion out (dry run of a create). */
export function ordered(object: KubeObject, info: ResourceInfo, revision: string): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const { name, generateName, namespace, uid, managedFields, ...others } = metadata ?? {};
  const { selfLink: _selfLink, resourceVersion: _old, generation, creationTimestamp, ...meta } = others;
  return {
    kind: info.kind,
    apiVersion: apiVersionOf(info),
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(generateName === undefined || generateName === '' ? {} : { generateName }),
      ...(namespace === undefined || namespace === '' ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(revision === '' ? {} : { resourceVersion: revision }),
      ...(generation === undefined ? {} : { generation }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...meta,
      ...(managedFields === undefined ? {} : { managedFields }),
    },
    ...rest,
  };
}

/** A private copy of the stored object, in the version the store keeps. */
export function parseStored(stored: Stored): KubeObject {
  // What is stored has been written by `render`.
  return JSON.parse(Buffer.from(stored.bytes.buffer, stored.bytes.byteOffset, stored.bytes.byteLength).toString());
}

/** A private copy in the version that is served. */
export function objectOf(served: ServedResource, stored: Stored): KubeObject {
  const object = parseStored(stored);
  return served.conversion === undefined ? object : served.conversion.fromStorage(object);
}

/** The bytes in the version that is served. */
export function bytesOf(served: ServedResource, stored: Stored): Uint8Array {
  if (served.conversion === undefined) return stored.bytes;
  return render(objectOf(served, stored), served.info, stored.revision);
}

/** Items of built-in kinds come without `kind` and `apiVersion`, as upstream's typed lists have them. */
export function itemCut({ custom, info }: ServedResource): ItemCut {
  return custom ? { skip: 0, prefix: '' } : { skip: headLength(info), prefix: '{' };
}

/** How many bytes of a stored object come before its `metadata`. */
function headLength(info: ResourceInfo): number {
  return `{"kind":"${info.kind}","apiVersion":"${apiVersionOf(info)}",`.length;
}
