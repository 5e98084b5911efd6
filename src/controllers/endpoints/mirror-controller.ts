import type { Endpoints, EndpointSlice, Service } from '../../api/kinds.ts';
import { joinKey, type KubeObject, objectKey } from '../../api/object.ts';
import type { IndexDefinition } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '../runtime/resources.ts';
import { sliceExecutors } from './endpoint-slice-controller.ts';
import { MIRRORING_CONTROLLER, type MirrorState, planMirror } from './mirror-plan.ts';
import { MANAGED_BY, SERVICE_NAME } from './slices-plan.ts';

/** Mirrored slices by the key of their Endpoints, which have the name of the service. */
const BY_ENDPOINTS: IndexDefinition<KubeObject> = { name: 'mirrored', valuesOf: endpointsKeys };

function endpointsKeys({ metadata }: KubeObject): string[] {
  const name = metadata?.labels?.[SERVICE_NAME];
  if (name === undefined || metadata?.labels?.[MANAGED_BY] !== MIRRORING_CONTROLLER) return [];
  return [joinKey(metadata.namespace, name)];
}

/** Who reads only slices sees the endpoints of services without a selector too. */
export function mirrorController(context: ControllerContext): Controller {
  const { informers } = context;
  const services = informers.for<Service>(SERVICES);
  const endpoints = informers.for<Endpoints>(ENDPOINTS);
  const slices = informers.for<EndpointSlice>(ENDPOINT_SLICES);
  slices.addIndex(BY_ENDPOINTS);
  const read = (key: string): MirrorState => ({
    endpoints: endpoints.objects.get(key),
    service: services.objects.get(key),
    slices: slices.objects.by(BY_ENDPOINTS, key),
  });
  const reconciliation = { name: 'endpointslicemirroring', read, plan: planMirror, executors: sliceExecutors(context) };
  return reconciling(context, reconciliation, [
    onChange(services, (service) => [objectKey(service)]),
    onChange(endpoints, (each) => [objectKey(each)]),
    onChange(slices, endpointsKeys),
  ]);
}
