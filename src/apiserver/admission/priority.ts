import type { PodSpec } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { forbidden } from '../../api/status-error.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { wholePod } from './pods.ts';

interface PriorityClass extends KubeObject {
  value?: number;
  preemptionPolicy?: string;
  globalDefault?: boolean;
}

const SYSTEM_CLASSES = new Set(['system-cluster-critical', 'system-node-critical']);
const DEFAULT_PREEMPTION = 'PreemptLowerPriority';

/** The Priority plug-in: the name of a class becomes a number, and one class is the default. */
export class Priority implements AdmissionPlugin {
  readonly name = 'Priority';
  readonly #objects: AdmissionObjects;

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    const found = wholePod(request);
    if (found === undefined) return;
    if (found.before === undefined) await this.#settle(request, found.spec);
    else keepPriority(found.spec, found.before);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { resource, subresource, name, operation, object } = request;
    if (resource.plural !== 'priorityclasses' || subresource !== '') return;
    if (operation === 'DELETE') {
      if (!SYSTEM_CLASSES.has(name)) return;
      throw forbidden(resource, name, 'this is a system priority class and cannot be deleted');
    }
    const wanted: PriorityClass | undefined = object;
    if (wanted?.globalDefault !== true) return;
    const found = (await this.#default())?.metadata?.name;
    if (found === undefined || (operation === 'UPDATE' && found === name)) return;
    throw forbidden(resource, name, `PriorityClass ${found} is already marked as default. Only one default can exist`);
  }

  async #settle(request: AdmissionRequest, spec: PodSpec): Promise<void> {
    const { resource, name } = request;
    const found = await this.#classOf(request, spec.priorityClassName ?? '');
    if (found !== undefined) spec.priorityClassName = found.metadata?.name ?? '';
    const value = found?.value ?? 0;
    if (spec.priority !== undefined && spec.priority !== value) {
      throw forbidden(
        resource,
        name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission ` +
          `controller computed ${value} from the given PriorityClass name`,
      );
    }
    spec.priority = value;
    const policy = found?.preemptionPolicy ?? DEFAULT_PREEMPTION;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      throw forbidden(
        resource,
        name,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority ` +
          `admission controller computed ${policy} from the given PriorityClass name`,
      );
    }
    spec.preemptionPolicy = policy;
  }

  async #classOf({ resource, name }: AdmissionRequest, className: string): Promise<PriorityClass | undefined> {
    if (className !== '') {
      const found = await this.#objects.get('priorityclasses', '', className);
      if (found === undefined) throw forbidden(resource, name, `no PriorityClass with name ${className} was found`);
      return found;
    }
    return this.#default();
  }

  async #default(): Promise<PriorityClass | undefined> {
    const classes: PriorityClass[] = await this.#objects.list('priorityclasses', '');
    // Of several defaults the lowest counts, so that nothing is preempted by accident.
    return classes
      .filter(({ globalDefault }) => globalDefault === true)
      .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
  }
}

/** What the class said when the pod was made holds for its life; an update that leaves it out means to keep it. */
function keepPriority(spec: PodSpec, { priority, preemptionPolicy }: PodSpec): void {
  if (priority !== undefined) spec.priority ??= priority;
  if (preemptionPolicy !== undefined) spec.preemptionPolicy ??= preemptionPolicy;
}
