/** Reads what autoscalers ask for from the APIs of metrics: upstream `pkg/controller/podautoscaler/metrics`. */
import type { MetricSpec } from '../../api/kinds.ts';
import { parseQuantity, quantityMilliValue } from '../../api/quantity.ts';
import { BUILT_IN_RESOURCES, splitApiVersion } from '../../api/resources.ts';
import { LabelSelector } from '../../api/selectors.ts';
import { hasReason, qualifiedResource, StatusError } from '../../api/status-error.ts';
import type { KubeClient } from '../../client/index.ts';
import type { MetricReading } from './metric-proposal.ts';
import type { PodReading } from './pod-groups.ts';
import { isProblem } from './pod-proposal.ts';

const RESOURCE_API = '/apis/metrics.k8s.io/v1beta1';
const CUSTOM_GROUP = 'custom.metrics.k8s.io';
const EXTERNAL_API = '/apis/external.metrics.k8s.io/v1beta1';
/** What custom metrics are taken to span where they do not say. */
const DEFAULT_WINDOW_SECONDS = 60;

export interface MetricScope {
  readonly namespace: string;
  /** Of the pods of the target. */
  readonly selector: string;
}

interface PodMetrics {
  readonly metadata: { readonly name: string };
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
}

interface MetricValue {
  readonly describedObject?: { readonly name: string };
  readonly timestamp: string;
  readonly windowSeconds?: number;
  readonly value: string;
}

/** A metric that cannot be read is a problem, told in upstream's words; only the end of `signal` rejects. */
export async function readMetric(
  client: KubeClient,
  spec: MetricSpec,
  scope: MetricScope,
  signal: AbortSignal,
): Promise<MetricReading> {
  const [what, read] = reader(client, spec, scope);
  try {
    const reading = await read(signal);
    return isProblem(reading) ? { problem: `${what}: ${reading.problem}` } : reading;
  } catch (error) {
    if (!(error instanceof StatusError) || signal.aborted) throw error;
    return { problem: `${what}: ${error.message}` };
  }
}

type Read = (signal: AbortSignal) => Promise<MetricReading>;

/** What it is called when it fails, and how it is read. */
function reader(client: KubeClient, spec: MetricSpec, scope: MetricScope): [what: string, read: Read] {
  const { resource, containerResource, pods, object, external } = spec;
  if (resource !== undefined) {
    return [
      `unable to get metrics for resource ${resource.name}`,
      (signal) => podUsage(client, resource.name, '', scope, signal),
    ];
  }
  if (containerResource !== undefined) {
    const { name, container } = containerResource;
    return [`unable to get metrics for resource ${name}`, (signal) => podUsage(client, name, container, scope, signal)];
  }
  if (pods !== undefined) {
    const { name, selector } = pods.metric;
    const path = `pods/*/${encodeURIComponent(name)}${query({ labelSelector: scope.selector, metricLabelSelector: text(selector) })}`;
    return [
      `unable to get metric ${name}`,
      async (signal) => perPod(await custom(client, scope.namespace, path, signal)),
    ];
  }
  if (object !== undefined) {
    const { describedObject: of, metric } = object;
    const path = `${plural(of)}/${encodeURIComponent(of.name)}/${encodeURIComponent(metric.name)}${query({ metricLabelSelector: text(metric.selector) })}`;
    const what = `unable to get metric ${metric.name}`;
    return [
      what,
      async (signal) =>
        total(await custom(client, scope.namespace, path, signal), `${of.kind} on ${scope.namespace} ${of.name}`),
    ];
  }
  const { name = '', selector } = external?.metric ?? {};
  const path = `${EXTERNAL_API}/namespaces/${scope.namespace}/${encodeURIComponent(name)}${query({ labelSelector: text(selector) })}`;
  const what = `unable to get external metric ${scope.namespace}/${name}/${goSelector(selector)}`;
  return [what, async (signal) => total(await values(client, path, 'external', signal), `metric ${name}`)];
}

async function podUsage(
  client: KubeClient,
  resource: string,
  container: string,
  { namespace, selector }: MetricScope,
  signal: AbortSignal,
): Promise<MetricReading> {
  const path = `${RESOURCE_API}/namespaces/${namespace}/pods${query({ labelSelector: selector })}`;
  const items = (await fetched(client, path, 'resource', signal)) as PodMetrics[];
  if (items.length === 0) return { problem: 'no metrics returned from resource metrics API' };
  const readings = new Map<string, PodReading>();
  for (const { metadata, timestamp, window, containers } of items) {
    const meant = container === '' ? containers : containers.filter(({ name }) => name === container);
    if (meant.length === 0) {
      return { problem: `container ${container} not present in metrics for pod ${namespace}/${metadata.name}` };
    }
    const amounts = meant.map(({ usage }) => usage[resource]);
    if (amounts.includes(undefined)) continue;
    const value = amounts.reduce((sum, amount) => sum + milli(amount ?? '0'), 0);
    readings.set(metadata.name, { value, time: Date.parse(timestamp), windowMs: durationMs(window) });
  }
  return { pods: readings };
}

async function custom(
  client: KubeClient,
  namespace: string,
  path: string,
  signal: AbortSignal,
): Promise<MetricValue[]> {
  const version = await customVersion(client, signal);
  return await values(client, `/apis/${version}/namespaces/${namespace}/${path}`, 'custom', signal);
}

/** The API is served by whoever adapts a store of metrics, in one of several versions. */
async function customVersion(client: KubeClient, signal: AbortSignal): Promise<string> {
  try {
    const { preferredVersion } = await client.read<{ preferredVersion: { groupVersion: string } }>(
      `/apis/${CUSTOM_GROUP}`,
      signal,
    );
    return preferredVersion.groupVersion;
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    const message = `unable to fetch metrics from custom metrics API: no custom metrics API (${CUSTOM_GROUP}) registered`;
    throw new StatusError('NotFound', message, { cause: error });
  }
}

async function values(client: KubeClient, path: string, api: string, signal: AbortSignal): Promise<MetricValue[]> {
  return (await fetched(client, path, api, signal)) as MetricValue[];
}

/** The items are those of the API that was asked. */
async function fetched(client: KubeClient, path: string, api: string, signal: AbortSignal): Promise<unknown[]> {
  try {
    return (await client.read<{ items: unknown[] }>(path, signal)).items;
  } catch (error) {
    if (!(error instanceof StatusError) || signal.aborted) throw error;
    const message = `unable to fetch metrics from ${api} metrics API: ${error.message}`;
    throw new StatusError(error.reason, message, { cause: error, code: error.code });
  }
}

function perPod(items: readonly MetricValue[]): MetricReading {
  const readings = items.map(({ describedObject, value, timestamp, windowSeconds = DEFAULT_WINDOW_SECONDS }) => {
    const reading = { value: milli(value), time: Date.parse(timestamp), windowMs: windowSeconds * 1000 };
    return [describedObject?.name ?? '', reading] as const;
  });
  return { pods: new Map(readings) };
}

function total(items: readonly MetricValue[], what: string): MetricReading {
  if (items.length === 0) return { problem: `no metrics returned for ${what}` };
  return { value: items.reduce((sum, { value }) => sum + milli(value), 0) };
}

/** `deployments.apps`, as the custom metrics API names what is described. */
function plural({ apiVersion = 'v1', kind }: { readonly apiVersion?: string; readonly kind: string }): string {
  const [group] = splitApiVersion(apiVersion);
  const known = BUILT_IN_RESOURCES.find((each) => each.group === group && each.kind === kind);
  return qualifiedResource(known ?? { group, plural: `${kind.toLowerCase()}s` });
}

type Selector = Parameters<typeof LabelSelector.from>[0];

function text(selector: Selector): string {
  return selector === undefined || selector === null ? '' : LabelSelector.from(selector).toString();
}

/** As Go prints the pointer in upstream's message. */
function goSelector(selector: Selector): string {
  if (selector === undefined || selector === null) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  const matchLabels = labels.map(([key, value]) => `${key}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${matchLabels}},MatchExpressions:[]LabelSelectorRequirement{},}`;
}

function query(parameters: Readonly<Record<string, string>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

function milli(quantity: string): number {
  return quantityMilliValue(parseQuantity(quantity));
}

/** `1m2.5s` */
function durationMs(window: string): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(window) ?? [];
  return Number(minutes) * 60_000 + Number(seconds) * 1000;
}
