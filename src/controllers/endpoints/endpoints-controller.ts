import type { Endpoints, Pod, Service } from '../../api/kinds.ts';
import { objectKey, splitKey } from '../../api/object.ts';
import type { Executors, Informer } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling, type Trigger } from '../runtime/controller.ts';
import { ENDPOINTS, PODS, SERVICES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { type EndpointsAction, type EndpointsState, planEndpoints } from './endpoints-plan.ts';
import { selects } from './service-members.ts';

export function endpointsController(context: ControllerContext): Controller {
  const services = context.informers.for<Service>(SERVICES);
  const pods = context.informers.for<Pod>(PODS);
  const all = context.informers.for<Endpoints>(ENDPOINTS);
  const read = (key: string): EndpointsState => ({
    service: services.objects.get(key),
    endpoints: all.objects.get(key),
    pods: pods.objects.inNamespace(splitKey(key).namespace ?? ''),
  });
  return reconciling(
    context,
    { name: 'endpoints', read, plan: planEndpoints, executors: endpointsExecutors(context) },
    [
      onChange(services, (service) => [objectKey(service)]),
      onChange(all, (endpoints) => [objectKey(endpoints)]),
      onPods(pods, services),
    ],
  );
}

/** The services that select a pod, as it was or as it is. */
export function onPods(pods: Informer<Pod>, services: Informer<Service>): Trigger {
  return onChange(pods, (pod) =>
    services.objects
      .inNamespace(pod.metadata?.namespace ?? '')
      .filter((service) => selects(service, pod))
      .map((service) => objectKey(service)),
  );
}

function endpointsExecutors({ client }: ControllerContext): Executors<EndpointsAction> {
  return {
    create: async ({ endpoints }, signal) => {
      await client.create(ENDPOINTS, { namespace: endpoints.metadata?.namespace }, endpoints, signal);
    },
    update: async ({ endpoints }, signal) => {
      await client.update(ENDPOINTS, targetOf(endpoints), endpoints, signal);
    },
    delete: async ({ endpoints }, signal) => {
      await unlessGone(client.delete(ENDPOINTS, targetOf(endpoints), signal));
    },
  };
}
