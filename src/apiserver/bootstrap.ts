/** What every cluster has from its first start. */
import type { KubeObject } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { hasReason } from '../api/status-error.ts';
import type { Caller } from '../client/index.ts';
import type { Catalog } from './registry/catalog.ts';
import type { WriteContext } from './registry/write-context.ts';
import type { Writer } from './registry/writer.ts';

/** The server itself: may do everything. */
export const SERVER_IDENTITY: Caller = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
const FIELD_MANAGER = 'kube-apiserver';

const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Makes what is missing; what is there stays as it is. */
export async function bootstrap(catalog: Catalog, writer: Writer, signal: AbortSignal): Promise<void> {
  for (const name of NAMESPACES) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await ensure(catalog, writer, object, 'namespaces', signal);
  }
}

export async function ensure(
  catalog: Catalog,
  writer: Writer,
  object: KubeObject,
  plural: string,
  signal: AbortSignal,
): Promise<void> {
  const info = builtIn(object.apiVersion ?? 'v1', plural);
  const served = catalog.find(info.group, info.version, info.plural);
  if (served === undefined) return;
  const context: WriteContext = {
    served,
    namespace: object.metadata?.namespace ?? '',
    subresource: '',
    caller: SERVER_IDENTITY,
    dryRun: false,
    fieldManager: FIELD_MANAGER,
    options: {},
    warn: () => undefined,
    signal,
  };
  served.strategy.setDefaults?.(object);
  try {
    await writer.create(context, object);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
}
