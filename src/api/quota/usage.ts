/** What one object takes of a quota, by resource name: upstream's `pkg/quota/v1/evaluator/core`. */
import type { PersistentVolumeClaim, Pod, Service } from '../kinds.ts';
import type { KubeObject } from '../object.ts';
import { type Quantity, parseQuantity } from '../quantity.ts';
import { podAmounts, type Quantities, quantitiesOf } from './pod-amounts.ts';

interface Resource {
  readonly group: string;
  readonly plural: string;
}

const ONE = parseQuantity('1');
/** Resources with a name of their own beside `count/…`. */
const OWN_NAMES = new Set([
  'configmaps',
  'secrets',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'persistentvolumeclaims',
]);
const STORAGE_CLASS = '.storageclass.storage.k8s.io/';

/** `now` in milliseconds, for pods whose time is up. */
export function usageOf({ group, plural }: Resource, object: KubeObject, now: number): Map<string, Quantity> {
  const usage = new Map<string, Quantity>([[group === '' ? `count/${plural}` : `count/${plural}.${group}`, ONE]]);
  if (group !== '') return usage;
  if (OWN_NAMES.has(plural)) usage.set(plural, ONE);
  const more =
    plural === 'pods'
      ? podUsage(object, now)
      : plural === 'services'
        ? serviceUsage(object)
        : plural === 'persistentvolumeclaims'
          ? claimUsage(object)
          : [];
  for (const [name, quantity] of more) usage.set(name, quantity);
  return usage;
}

/** Whether a quota may count this resource at all: what is asked of a name in `spec.hard`. */
export function countsResource({ group, plural }: Resource, name: string): boolean {
  if (name === (group === '' ? `count/${plural}` : `count/${plural}.${group}`)) return true;
  if (group !== '') return false;
  if (plural === 'pods') return name === 'pods' || isComputeName(name);
  if (plural === 'services') return name === 'services' || name.startsWith('services.');
  if (plural === 'persistentvolumeclaims') {
    return name === plural || name === 'requests.storage' || name.includes(STORAGE_CLASS);
  }
  return OWN_NAMES.has(plural) && name === plural;
}

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

function isComputeName(name: string): boolean {
  if (COMPUTE.includes(name) || name.startsWith('hugepages-') || name.startsWith('limits.')) return true;
  return name.startsWith('requests.') && name !== 'requests.storage';
}

function podUsage(pod: Pod, now: number): Quantities {
  if (pod.spec === undefined || isOver(pod, now)) return new Map();
  return new Map([['pods', ONE], ...computeUsage(podAmounts(pod.spec, 'requests'), podAmounts(pod.spec, 'limits'))]);
}

/** Under all the names by which quotas call them. */
export function computeUsage(requests: Quantities, limits: Quantities): Map<string, Quantity> {
  const usage = new Map<string, Quantity>();
  for (const [name, quantity] of requests) {
    if (COMPUTE.includes(name) || name.startsWith('hugepages-')) usage.set(name, quantity);
    usage.set(`requests.${name}`, quantity);
  }
  for (const [name, quantity] of limits) if (COMPUTE.includes(name)) usage.set(`limits.${name}`, quantity);
  return usage;
}

/** Finished, or still there long after its end. */
function isOver({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata ?? {};
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

function serviceUsage({ spec }: Service): Quantities {
  const ports = spec?.ports ?? [];
  const count = (amount: number): Quantity => parseQuantity(amount);
  const used = new Map([
    ['services.nodeports', count(0)],
    ['services.loadbalancers', count(spec?.type === 'LoadBalancer' ? 1 : 0)],
  ]);
  if (spec?.type === 'NodePort') used.set('services.nodeports', count(ports.length));
  if (spec?.type === 'LoadBalancer') {
    const all = spec.allocateLoadBalancerNodePorts !== false;
    const given = ports.filter(({ nodePort = 0 }) => nodePort !== 0);
    used.set('services.nodeports', count(all ? ports.length : given.length));
  }
  return used;
}

function claimUsage({ metadata, spec }: PersistentVolumeClaim): Quantities {
  const used = new Map<string, Quantity>();
  const className = metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '';
  const storage = quantitiesOf(spec?.resources?.requests).get('storage');
  if (className !== '') used.set(`${className}${STORAGE_CLASS}persistentvolumeclaims`, ONE);
  if (storage === undefined) return used;
  used.set('requests.storage', storage);
  if (className !== '') used.set(`${className}${STORAGE_CLASS}requests.storage`, storage);
  return used;
}
