/** The LimitRanger plug-in: upstream's `plugin/pkg/admission/limitranger`. */
import type { Container, LimitRange, PersistentVolumeClaim, Pod } from '../../api/kinds.ts';
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../api/quantity.ts';
import { forbidden } from '../../api/status-error.ts';
import { podAmounts, type Quantities, quantitiesOf } from '../../api/quota/pod-amounts.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { newPod } from './pods.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';
type Limit = NonNullable<LimitRange['spec']>['limits'][number];
type Texts = Record<string, string>;

export class LimitRanger implements AdmissionPlugin {
  readonly name = 'LimitRanger';
  readonly #objects: AdmissionObjects;

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    const pod = newPod(request)?.pod;
    if (pod === undefined) return;
    for (const limits of await this.#limits(request.namespace)) setDefaults(pod, limits);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { resource, subresource, operation, object } = request;
    if (object === undefined || resource.group !== '') return;
    const isNewPod = resource.plural === 'pods' && operation === 'CREATE' && subresource === '';
    const isResize = resource.plural === 'pods' && subresource === 'resize';
    const isClaim = resource.plural === 'persistentvolumeclaims' && subresource === '' && operation !== 'DELETE';
    if (!isNewPod && !isResize && !isClaim) return;
    for (const limits of await this.#limits(request.namespace)) {
      const errors = isClaim ? claimErrors(object, limits) : podErrors(object, limits);
      if (errors.length > 0) throw forbidden(resource, request.name, aggregated(errors));
    }
  }

  async #limits(namespace: string): Promise<Limit[][]> {
    const found: LimitRange[] = await this.#objects.list('limitranges', namespace);
    return found.map(({ spec }) => spec?.limits ?? []);
  }
}

/** As upstream words several errors: in brackets, each once. */
function aggregated(errors: readonly string[]): string {
  const [first = '', ...others] = new Set(errors);
  return others.length === 0 ? first : `[${[first, ...others].join(', ')}]`;
}

function setDefaults(pod: Pod, limits: readonly Limit[]): void {
  const own = limits.filter(({ type }) => type === 'Container');
  const defaults = {
    requests: Object.assign({}, ...own.map(({ defaultRequest }) => defaultRequest)) as Texts,
    limits: Object.assign({}, ...own.map((limit) => defaultOf(limit))) as Texts,
  };
  const notes = [
    ...(pod.spec?.containers ?? []).flatMap((each) => fill(each, defaults, 'container')),
    ...(pod.spec?.initContainers ?? []).flatMap((each) => fill(each, defaults, 'init container')),
  ];
  if (notes.length === 0) return;
  const annotations = { ...pod.metadata?.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
  pod.metadata = { ...pod.metadata, annotations };
}

/** The model writes the word of JavaScript with a dash; on the wire there is none. */
function defaultOf(limit: Limit): Texts | undefined {
  return (limit as { default?: Texts }).default;
}

function fill(container: Container, defaults: { requests: Texts; limits: Texts }, what: string): string[] {
  const notes: string[] = [];
  for (const kind of ['requests', 'limits'] as const) {
    const own = container.resources?.[kind] ?? {};
    const missing = Object.keys(defaults[kind])
      .filter((name) => own[name] === undefined)
      .sort();
    if (missing.length === 0) continue;
    const added = Object.fromEntries(missing.map((name) => [name, defaults[kind][name] ?? '0']));
    container.resources = { ...container.resources, [kind]: { ...own, ...added } };
    notes.push(`${missing.join(', ')} ${kind === 'requests' ? 'request' : 'limit'} for ${what} ${container.name}`);
  }
  return notes;
}

function podErrors(pod: Pod, limits: readonly Limit[]): string[] {
  return limits.flatMap((limit) => {
    if (limit.type === 'Container') {
      const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
      return containers.flatMap(({ resources }) =>
        limitErrors(limit, quantitiesOf(resources?.requests), quantitiesOf(resources?.limits)),
      );
    }
    if (limit.type !== 'Pod' || pod.spec === undefined) return [];
    return limitErrors(limit, podAmounts(pod.spec, 'requests'), podAmounts(pod.spec, 'limits'));
  });
}

/** A claim has requests only. */
function claimErrors(object: object, limits: readonly Limit[]): string[] {
  const { spec } = object as PersistentVolumeClaim;
  const requests = quantitiesOf(spec?.resources?.requests);
  return limits
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...entries(min).flatMap((bound) => belowErrors(bound, type, requests, new Map())),
      ...entries(max).flatMap(([name, bound]) => {
        const asked = requests.get(name);
        if (asked === undefined || compareQuantities(asked, bound) <= 0) return [];
        return [`maximum ${name} usage per ${type} is ${show(bound)}, but request is ${show(asked)}`];
      }),
    ]);
}

type Bound = readonly [string, Quantity];

function entries(amounts: Texts | undefined): Bound[] {
  const sorted = Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, text]) => [name, parseQuantity(text)]);
}

function show(quantity: Quantity): string {
  return formatQuantity(quantity);
}

function limitErrors(limit: Limit, requests: Quantities, limits: Quantities): string[] {
  const { type, min, max, maxLimitRequestRatio } = limit;
  return [
    ...entries(min).flatMap((bound) => belowErrors(bound, type, requests, limits)),
    ...entries(max).flatMap((bound) => aboveErrors(bound, type, requests, limits)),
    ...entries(maxLimitRequestRatio).flatMap((bound) => ratioErrors(bound, type, requests, limits)),
  ];
}

function belowErrors([name, bound]: Bound, type: string, requests: Quantities, limits: Quantities): string[] {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const rule = `minimum ${name} usage per ${type} is ${show(bound)}`;
  if (request === undefined) return [`${rule}.  No request is specified`];
  if (compareQuantities(request, bound) < 0) return [`${rule}, but request is ${show(request)}`];
  if (limit !== undefined && compareQuantities(limit, bound) < 0) return [`${rule}, but limit is ${show(limit)}`];
  return [];
}

function aboveErrors([name, bound]: Bound, type: string, requests: Quantities, limits: Quantities): string[] {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const rule = `maximum ${name} usage per ${type} is ${show(bound)}`;
  if (limit === undefined) return [`${rule}.  No limit is specified`];
  if (compareQuantities(limit, bound) > 0) return [`${rule}, but limit is ${show(limit)}`];
  if (request !== undefined && compareQuantities(request, bound) > 0) {
    return [`${rule}, but request is ${show(request)}`];
  }
  return [];
}

function ratioErrors([name, bound]: Bound, type: string, requests: Quantities, limits: Quantities): string[] {
  const [request, limit] = [requests.get(name)?.nanos ?? 0n, limits.get(name)?.nanos ?? 0n];
  const rule = `${name} max limit to request ratio per ${type} is ${show(bound)}`;
  if (request === 0n) return [`${rule}, but no request is specified or request is 0`];
  if (limit === 0n) return [`${rule}, but no limit is specified or limit is 0`];
  const ratio = Number(limit) / Number(request);
  return ratio * 1e9 > Number(bound.nanos) ? [`${rule}, but provided ratio is ${ratio.toFixed(6)}`] : [];
}
