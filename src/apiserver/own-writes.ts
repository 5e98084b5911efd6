/** Writes that the server does itself, as itself. */
import type { KubeObject } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { InvariantError } from '../base/errors.ts';
import type { Caller } from '../client/index.ts';
import type { ApiServiceWrites } from './aggregation/aggregator.ts';
import type { Catalog } from './registry/catalog.ts';
import type { Registry } from './registry/registry.ts';
import type { WriteContext } from './registry/write-context.ts';

/** May do everything. */
export const SERVER_IDENTITY: Caller = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
const FIELD_MANAGER = 'kube-apiserver';

export function ownWrite(catalog: Catalog, object: KubeObject, plural: string, signal: AbortSignal): WriteContext {
  const info = builtIn(object.apiVersion ?? 'v1', plural);
  const served = catalog.find(info.group, info.version, info.plural);
  if (served === undefined) throw new InvariantError(`${plural} are not served`);
  return {
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
}

export function apiServiceWrites(catalog: Catalog, registry: () => Registry): ApiServiceWrites {
  const context = (signal: AbortSignal): WriteContext =>
    ownWrite(catalog, { apiVersion: 'apiregistration.k8s.io/v1' }, 'apiservices', signal);
  return {
    create: (service, signal) => registry().writer.create(context(signal), service),
    update: (name, subresource, change, signal) =>
      registry().writer.update({ ...context(signal), subresource }, name, change),
    delete: (name, signal) => registry().deleter.delete(context(signal), name, {}),
  };
}
