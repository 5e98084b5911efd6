/** `metrics.k8s.io/v1beta1`: what metrics-server serves, out of what the node agents say of themselves. */
import type { Node, Pod } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { notFound, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ApiResponse } from '../../client/index.ts';
import { bounded } from '../backends/bounded-body.ts';
import type { NodeProxy } from '../nodeproxy/node-proxy.ts';
import type { ResourceCall } from '../registry/call.ts';
import { formOf } from '../registry/endpoint.ts';
import type { Presenter } from '../registry/presenter.ts';
import type { CallHandler } from '../registry/router.ts';
import { Selection } from '../registry/selection.ts';
import { nodeMetrics, podMetrics } from './metrics-objects.ts';
import { NodeSamples } from './node-samples.ts';
import { parseResourceMetrics, type ResourceSample } from './resource-sample.ts';

const MAX_SAMPLE_BYTES = 16 * 1024 * 1024;

export interface MetricsEndpointParts {
  readonly objects: { list(plural: string, namespace: string): Promise<KubeObject[]> };
  readonly nodeProxy: NodeProxy;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class MetricsEndpoint {
  readonly #parts: MetricsEndpointParts;
  readonly #samples: NodeSamples;

  constructor(parts: MetricsEndpointParts) {
    this.#parts = parts;
    this.#samples = new NodeSamples({ ...parts, look: (node, signal) => this.#look(node, signal) });
  }

  /** `presenter` is that of the other resources. */
  handlers(presenter: () => Presenter): Readonly<Record<string, CallHandler>> {
    return {
      'nodes.metrics.k8s.io': (call) => answer(call, presenter(), (selection) => this.#nodes(selection)),
      'pods.metrics.k8s.io': (call) =>
        answer(call, presenter(), (selection) => this.#pods(call.info.namespace, selection)),
    };
  }

  close(): void {
    this.#samples.close();
  }

  async #nodes(wanted: (object: KubeObject) => boolean): Promise<KubeObject[]> {
    const { objects, clock } = this.#parts;
    const all = (await objects.list('nodes', '')) as Node[];
    this.#samples.retain(new Set(all.map(({ metadata }) => metadata?.name ?? '')));
    const nodes = all.filter(wanted);
    const samples = await this.#samples.of(nodes.map(({ metadata }) => metadata?.name ?? ''));
    return nodes.flatMap(
      (node): KubeObject | readonly KubeObject[] =>
        nodeMetrics(node, samples.get(node.metadata?.name ?? ''), clock.now()) ?? [],
    );
  }

  async #pods(namespace: string, wanted: (object: KubeObject) => boolean): Promise<KubeObject[]> {
    const { objects, clock } = this.#parts;
    const all = (await objects.list('pods', namespace)) as Pod[];
    const pods = all.filter((pod) => pod.status?.phase === 'Running' && wanted(pod));
    const nodes = new Set(pods.flatMap(({ spec }) => spec?.nodeName ?? []));
    const samples = await this.#samples.of([...nodes]);
    return pods.flatMap(
      (pod): KubeObject | readonly KubeObject[] =>
        podMetrics(pod, samples.get(pod.spec?.nodeName ?? ''), clock.now()) ?? [],
    );
  }

  /** A kubelet of any make answers this. */
  async #look(node: string, signal: AbortSignal): Promise<ResourceSample> {
    const path = '/metrics/resource';
    const target = `/api/v1/nodes/${encodeURIComponent(node)}/proxy${path}`;
    const request = { method: 'GET', target, headers: { accept: 'text/plain' } };
    const about = { resource: 'nodes', subresource: 'proxy', namespace: '', name: node } as const;
    const { status, body } = await this.#parts.nodeProxy.handle({ ...about, path, request }, signal);
    const text = Buffer.from(await bounded(body, MAX_SAMPLE_BYTES)).toString();
    if (status !== 200) throw new StatusError('ServiceUnavailable', `node ${node} answers ${status} for ${path}`);
    return parseResourceMetrics(text, this.#parts.clock.now());
  }
}

async function answer(
  call: ResourceCall,
  presenter: Presenter,
  find: (wanted: (object: KubeObject) => boolean) => Promise<KubeObject[]>,
): Promise<ApiResponse> {
  const { served, info, query } = call;
  const form = formOf(call, info.verb === 'list');
  if (info.verb === 'list') {
    const selection = Selection.parse(query, served.strategy);
    return presenter.objects(served, await find((object) => selection.matches(object)), {}, form, query);
  }
  const [found] = await find(({ metadata }) => metadata?.name === info.name);
  if (found !== undefined) return presenter.object(200, served, found, form, query);
  const name = served.info.namespaced ? `${info.namespace}/${info.name}` : info.name;
  throw notFound({ group: served.info.group, plural: served.info.kind.toLowerCase() }, name);
}
