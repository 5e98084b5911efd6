/** Small plug-ins that fill in what the cluster has a default for. */
import type { Node } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { forbidden } from '../../api/status-error.ts';
import { equalJson } from '../../api/json.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { newPod } from './pods.ts';

/** A node takes no pods before it has said that it is ready. */
export class TaintNodesByCondition implements AdmissionPlugin {
  readonly name = 'TaintNodesByCondition';

  admit({ operation, resource, subresource, object }: AdmissionRequest): void {
    if (operation !== 'CREATE' || resource.plural !== 'nodes' || resource.group !== '' || subresource !== '') return;
    const node: Node | undefined = object;
    if (node === undefined) return;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect)) return;
    node.spec = { ...node.spec, taints: [...taints, { ...NOT_READY }] };
  }
}

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

const PROTECTION: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
};

/** What is in use is not taken away: a finalizer that a controller removes when nobody uses it any more. */
export class StorageObjectInUseProtection implements AdmissionPlugin {
  readonly name = 'StorageObjectInUseProtection';

  admit({ operation, resource, subresource, object }: AdmissionRequest): void {
    const finalizer = resource.group === '' ? PROTECTION[resource.plural] : undefined;
    if (operation !== 'CREATE' || subresource !== '' || finalizer === undefined || object === undefined) return;
    const finalizers = object.metadata?.finalizers ?? [];
    if (!finalizers.includes(finalizer))
      object.metadata = { ...object.metadata, finalizers: [...finalizers, finalizer] };
  }
}

interface DefaultedClass {
  readonly plugin: string;
  readonly resource: { readonly group: string; readonly plural: string };
  readonly classes: string;
  readonly annotation: string;
  readonly field: string;
}

/** A claim or an ingress that names no class gets the one that is marked as the default, the youngest of several. */
export class DefaultClass implements AdmissionPlugin {
  readonly name: string;
  readonly #rule: DefaultedClass;
  readonly #objects: AdmissionObjects;

  static storage(objects: AdmissionObjects): DefaultClass {
    return new DefaultClass(objects, {
      plugin: 'DefaultStorageClass',
      resource: { group: '', plural: 'persistentvolumeclaims' },
      classes: 'storageclasses',
      annotation: 'storageclass.kubernetes.io/is-default-class',
      field: 'storageClassName',
    });
  }

  static ingress(objects: AdmissionObjects): DefaultClass {
    return new DefaultClass(objects, {
      plugin: 'DefaultIngressClass',
      resource: { group: 'networking.k8s.io', plural: 'ingresses' },
      classes: 'ingressclasses',
      annotation: 'ingressclass.kubernetes.io/is-default-class',
      field: 'ingressClassName',
    });
  }

  private constructor(objects: AdmissionObjects, rule: DefaultedClass) {
    this.name = rule.plugin;
    this.#rule = rule;
    this.#objects = objects;
  }

  async admit({ operation, resource, subresource, object }: AdmissionRequest): Promise<void> {
    const { resource: wanted, classes, annotation, field } = this.#rule;
    if (operation !== 'CREATE' || subresource !== '' || object === undefined) return;
    if (resource.group !== wanted.group || resource.plural !== wanted.plural) return;
    const spec = (object.spec ?? {}) as Record<string, unknown>;
    const old = object.metadata?.annotations?.['volume.beta.kubernetes.io/storage-class'];
    if (spec[field] !== undefined || old !== undefined) return;
    const found = (await this.#objects.list(classes, '')).filter((each) => isDefault(each, annotation));
    const [youngest] = found.sort(byAge);
    if (youngest?.metadata?.name !== undefined) object.spec = { ...spec, [field]: youngest.metadata.name };
  }
}

function isDefault({ metadata }: KubeObject, annotation: string): boolean {
  return metadata?.annotations?.[annotation] === 'true';
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a.metadata?.creationTimestamp ?? '', b.metadata?.creationTimestamp ?? ''];
  if (first !== second) return first > second ? -1 : 1;
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}

interface RuntimeClassObject extends KubeObject {
  overhead?: { podFixed?: Record<string, string> };
  scheduling?: { nodeSelector?: Record<string, string>; tolerations?: object[] };
}

/** What the runtime of a pod costs and where it is to be had. */
export class RuntimeClass implements AdmissionPlugin {
  readonly name = 'RuntimeClass';
  readonly #objects: AdmissionObjects;

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    const spec = newPod(request)?.spec;
    if (spec === undefined) return;
    const refuse = (why: string): Error => forbidden(request.resource, request.name, why);
    const className = spec.runtimeClassName ?? '';
    const found: RuntimeClassObject | undefined =
      className === '' ? undefined : await this.#objects.get('runtimeclasses', '', className);
    if (className !== '' && found === undefined) throw refuse(`pod rejected: RuntimeClass "${className}" not found`);
    const overhead = found?.overhead?.podFixed;
    if (overhead === undefined && spec.overhead !== undefined) {
      throw refuse('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    }
    if (overhead !== undefined) {
      if (spec.overhead !== undefined && !equalJson(spec.overhead, overhead)) {
        throw refuse("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
      }
      spec.overhead = { ...overhead };
    }
    schedule(spec, found, refuse);
  }
}

function schedule(
  spec: { nodeSelector?: Record<string, string>; tolerations?: object[] },
  found: RuntimeClassObject | undefined,
  refuse: (why: string) => Error,
): void {
  const { nodeSelector, tolerations } = found?.scheduling ?? {};
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key];
    if (own === undefined || own === value) continue;
    const [ofClass, ofPod] = ['runtimeClass.scheduling', 'pod.spec'].map((each) => `${each}.nodeSelector[${key}]`);
    throw refuse(`conflict: ${ofClass} = ${value}; ${ofPod} = ${own}`);
  }
  if (nodeSelector !== undefined) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  if (tolerations !== undefined) {
    const added = tolerations.filter((each) => !(spec.tolerations ?? []).some((own) => equalJson(own, each)));
    spec.tolerations = [...(spec.tolerations ?? []), ...added];
  }
}
