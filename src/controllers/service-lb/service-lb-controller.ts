import type { Node, Service } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { NODES, SERVICES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import {
  isBalanced,
  planServiceAddresses,
  type ServiceAddressAction,
  type ServiceAddressState,
} from './service-lb-plan.ts';

/** Gives services of type LoadBalancer the addresses of the nodes, as k3s does: a site has no cloud that would. */
export function serviceLbController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const services = informers.for<Service>(SERVICES);
  const nodes = informers.for<Node>(NODES);
  const read = (key: string): ServiceAddressState | undefined => {
    const service = services.objects.get(key);
    if (service === undefined) return undefined;
    return { service, services: [...services.objects.values()], nodes: [...nodes.objects.values()] };
  };
  const status = async ({ service, ingress }: ServiceAddressAction, signal: AbortSignal): Promise<void> => {
    const loadBalancer = ingress.length === 0 ? {} : { ingress };
    const next = { ...service, status: { ...service.status, loadBalancer } };
    await unlessGone(client.update(SERVICES, { ...targetOf(service), subresource: 'status' }, next, signal));
  };
  const balanced = (): string[] => [...services.objects.values()].filter(isBalanced).map((each) => objectKey(each));
  const reconciliation = { name: 'service-lb', read, plan: planServiceAddresses, executors: { status } };
  return reconciling(context, reconciliation, [
    // A port that one gives up another may have.
    onChange(services, (service) => [objectKey(service), ...(isBalanced(service) ? balanced() : [])]),
    onChange(nodes, balanced),
  ]);
}
