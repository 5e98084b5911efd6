/** Which strategy each built-in resource has, by `group/plural`, or `group/version/plural` where versions differ. */
import { deployment } from './apps/deployment.ts';
import { replicaSet, replicationController } from './apps/replica-set.ts';
import { lease } from './coordination/lease.ts';
import { configMap } from './core/config-map.ts';
import { coreEvent, event } from './core/event.ts';
import { namespace } from './core/namespace.ts';
import { node } from './core/node.ts';
import { pod } from './core/pod.ts';
import { secret } from './core/secret.ts';
import { service } from './core/service.ts';
import { serviceAccount } from './core/service-account.ts';
import type { KindStrategy } from './strategy.ts';

export const BUILT_IN_STRATEGIES: Readonly<Record<string, KindStrategy>> = {
  '/configmaps': configMap,
  '/events': coreEvent,
  '/namespaces': namespace,
  '/nodes': node,
  '/pods': pod,
  '/replicationcontrollers': replicationController,
  '/secrets': secret,
  '/serviceaccounts': serviceAccount,
  '/services': service,
  'apps/deployments': deployment,
  'apps/replicasets': replicaSet,
  'coordination.k8s.io/leases': lease,
  'events.k8s.io/events': event,
};
