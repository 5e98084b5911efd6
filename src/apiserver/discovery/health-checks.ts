/**
 * The single checks behind `/healthz`, `/livez` and `/readyz` under the names that clients and probes know from
 * kube-apiserver.
 * @facts names and order as Kubernetes 1.36 has them.
 */
import type { Readiness } from '../../base/component.ts';
import type { HealthCheck, HealthEndpoint } from './health.ts';

/** What kube-apiserver does once after its start. Here all of it is done before the first request is taken. */
const START_HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-wait-for-first-sync',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
];
const LATE_START_HOOKS = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller'];

export interface HealthSources {
  /** Whether the server takes requests: false while it shuts down. */
  readonly serving: () => Readiness;
  /** What else has to be ready: the parts around the server. */
  readonly others: readonly HealthCheck[];
}

export function healthChecks(sources: HealthSources): Readonly<Record<HealthEndpoint, readonly HealthCheck[]>> {
  const hooks = [
    ...START_HOOKS.map((name) => always(`poststarthook/${name}`)),
    always('autoregister-completion'),
    ...LATE_START_HOOKS.map((name) => always(`poststarthook/${name}`)),
  ];
  const alive = [...['ping', 'log', 'loopback-serving-certificate', 'etcd'].map(always), ...hooks];
  const synced: HealthCheck = { name: 'informer-sync', read: () => firstFailure(sources.others) };
  const shutdown: HealthCheck = { name: 'shutdown', read: sources.serving };
  const ready = [always('ping'), always('log'), synced, ...hooks, shutdown];
  return { healthz: alive, livez: alive, readyz: ready };
}

/** Answers as long as the server answers at all. */
function always(name: string): HealthCheck {
  return { name, read: () => ({ ready: true }) };
}

function firstFailure(checks: readonly HealthCheck[]): Readiness {
  for (const { name, read } of checks) {
    const { ready, reason } = read();
    if (!ready) return { ready, reason: `${name}: ${reason ?? 'not ready'}` };
  }
  return { ready: true };
}
