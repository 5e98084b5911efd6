/** The PodSecurity plug-in: namespaces say by label which standard their pods have to keep. */
import type { Container, Namespace, Pod, PodSpec } from '../../../api/kinds.ts';
import { invalidObject } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import { forbidden } from '../../../api/status-error.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from '../admission.ts';
import type { PodTemplate, Violation } from './check.ts';
import { isStricter, type Policy, policyOf, standardText, violations } from './policy.ts';

/** As many pods are looked at when a namespace becomes stricter. */
const MAX_PODS_TO_CHECK = 3000;
/** Writes of these do not change what a pod may do. */
const HARMLESS = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);
const CONTROLLERS = new Set([
  'replicationcontrollers',
  'podtemplates',
  'replicasets.apps',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
]);

export class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity';
  readonly #objects: AdmissionObjects;

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { operation, resource, subresource, object } = request;
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || object === undefined) return;
    const name = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    if (name === 'pods') {
      if (!HARMLESS.has(subresource)) await this.#validatePod(request, object);
    } else if (subresource !== '') {
      return;
    } else if (name === 'namespaces') {
      await this.#validateNamespace(request, object);
    } else if (CONTROLLERS.has(name)) {
      const template = templateOf(object);
      if (template !== undefined) warnOf(request, await this.#policy(request.namespace), template);
    }
  }

  async #policy(namespace: string): Promise<Policy> {
    const found = await this.#objects.get('namespaces', '', namespace);
    return policyOf(found?.metadata?.labels);
  }

  async #validatePod(request: AdmissionRequest, object: KubeObject): Promise<void> {
    const pod = podTemplate(object);
    if (pod === undefined) return;
    const old = request.oldObject === undefined ? undefined : podTemplate(request.oldObject);
    if (old !== undefined && equalJson(significant(pod), significant(old))) return;
    const policy = await this.#policy(request.namespace);
    const found = violations(pod, policy.enforce);
    if (found.length > 0) {
      const why = `violates PodSecurity "${standardText(policy.enforce)}": ${listed(found)}`;
      throw forbidden(request.resource, request.name, why);
    }
    warnOf(request, policy, pod);
  }

  async #validateNamespace(request: AdmissionRequest, object: Namespace): Promise<void> {
    const { resource, name, oldObject, warn } = request;
    const policy = policyOf(object.metadata?.labels);
    const old = oldObject === undefined ? undefined : policyOf(oldObject.metadata?.labels);
    if (policy.errors.length > 0 && !equalJson(policy.errors, old?.errors)) {
      throw invalidObject(resource, name, [...policy.errors]);
    }
    if (old === undefined || !isStricter(policy.enforce, old.enforce)) return;
    const pods = (await this.#objects.list('pods', name)).slice(0, MAX_PODS_TO_CHECK);
    const byFault = new Map<string, string[]>();
    for (const each of pods) {
      const pod = podTemplate(each);
      const fault = pod === undefined ? '' : reasons(violations(pod, policy.enforce));
      if (fault !== '') byFault.set(fault, [...(byFault.get(fault) ?? []), each.metadata?.name ?? '']);
    }
    if (byFault.size === 0) return;
    warn(
      `existing pods in namespace "${name}" violate the new PodSecurity enforce level "${standardText(policy.enforce)}"`,
    );
    const lines = [...byFault].map(([fault, names]) => `${andOthers(names.sort())}: ${fault}`);
    for (const line of lines.sort()) warn(line);
  }
}

function warnOf({ warn }: AdmissionRequest, policy: Policy, pod: PodTemplate): void {
  const found = violations(pod, policy.warn);
  if (found.length > 0) warn(`would violate PodSecurity "${standardText(policy.warn)}": ${listed(found)}`);
}

function listed(found: readonly Violation[]): string {
  return found.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

function reasons(found: readonly Violation[]): string {
  return found.map(({ reason }) => reason).join(', ');
}

function andOthers([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  return `${first} (and ${others.length} other pod${others.length === 1 ? '' : 's'})`;
}

function podTemplate(object: KubeObject | undefined): PodTemplate | undefined {
  const pod: Pod | undefined = object;
  if (pod?.spec === undefined) return undefined;
  // The containers have been asked for by validation; nothing else is taken for granted.
  return { annotations: pod.metadata?.annotations ?? {}, spec: pod.spec };
}

interface Templated {
  readonly template?: KubeObject;
  readonly jobTemplate?: { readonly spec?: { readonly template?: KubeObject } };
}

/** The pods that a controller will make. */
function templateOf(object: KubeObject): PodTemplate | undefined {
  const spec: Templated = object.kind === 'PodTemplate' ? (object as Templated) : (object.spec ?? {});
  return podTemplate(spec.template ?? spec.jobTemplate?.spec?.template);
}

/** What of a running pod may be changed and matters here. */
function significant({ annotations, spec }: PodTemplate): unknown {
  const images = (list: readonly Pick<Container, 'image'>[] | undefined): unknown => list?.map(({ image }) => image);
  return [annotations, images(spec.containers), images(spec.initContainers), ephemeralOf(spec)];
}

function ephemeralOf(spec: PodSpec): unknown {
  return spec.ephemeralContainers ?? [];
}
