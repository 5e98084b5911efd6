import type { EndpointSlice, Node, Pod, Service } from '../../api/kinds.ts';
import { joinKey, type KubeObject, objectKey } from '../../api/object.ts';
import type { Executors, IndexDefinition } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../runtime/resources.ts';
import { onPods } from './endpoints-controller.ts';
import {
  CONTROLLER,
  MANAGED_BY,
  planSlices,
  SERVICE_NAME,
  type SlicesAction,
  type SlicesState,
} from './slices-plan.ts';

/** Our slices by the key of their service. */
const BY_SERVICE: IndexDefinition<KubeObject> = { name: 'service', valuesOf: serviceKeys };

function serviceKeys({ metadata }: KubeObject): string[] {
  const service = metadata?.labels?.[SERVICE_NAME];
  if (service === undefined || metadata?.labels?.[MANAGED_BY] !== CONTROLLER) return [];
  return [joinKey(metadata.namespace, service)];
}

export function endpointSliceController(context: ControllerContext): Controller {
  const { informers } = context;
  const services = informers.for<Service>(SERVICES);
  const pods = informers.for<Pod>(PODS);
  const nodes = informers.for<Node>(NODES);
  const slices = informers.for<EndpointSlice>(ENDPOINT_SLICES);
  slices.addIndex(BY_SERVICE);
  const read = (key: string): SlicesState | undefined => {
    const service = services.objects.get(key);
    if (service === undefined) return undefined; // the garbage collector takes its slices
    return {
      service,
      slices: slices.objects.by(BY_SERVICE, key),
      pods: pods.objects.inNamespace(service.metadata?.namespace ?? ''),
      nodeOf: (name) => nodes.objects.get(name),
    };
  };
  return reconciling(context, { name: 'endpointslice', read, plan: planSlices, executors: sliceExecutors(context) }, [
    onChange(services, (service) => [objectKey(service)]),
    onChange(slices, serviceKeys),
    onPods(pods, services),
  ]);
}

export function sliceExecutors({ client }: ControllerContext): Executors<SlicesAction> {
  return {
    create: async ({ slice }, signal) => {
      await client.create(ENDPOINT_SLICES, { namespace: slice.metadata?.namespace }, slice, signal);
    },
    update: async ({ slice }, signal) => {
      await client.update(ENDPOINT_SLICES, targetOf(slice), slice, signal);
    },
    delete: async ({ slice }, signal) => {
      await unlessGone(client.delete(ENDPOINT_SLICES, targetOf(slice), signal));
    },
  };
}
