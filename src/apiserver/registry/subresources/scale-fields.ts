/** Where the numbers of a scale stand: in `spec.replicas` and `status.replicas`, or where a definition says. */
import { isObject, ownMember, setOwn, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { KubeObject } from '../../../api/object.ts';
import type { ScalePaths } from '../catalog.ts';

const REPLICAS: ScalePaths = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };

export interface ScaleNumbers {
  readonly replicas: number;
  readonly now: number;
  /** The text of it, or the selector itself. */
  readonly selector: object | string | undefined;
}

export function numbersOf(object: KubeObject, paths: ScalePaths = REPLICAS): ScaleNumbers {
  const value = object as JsonObject;
  return {
    replicas: numberAt(value, paths.specReplicasPath),
    now: numberAt(value, paths.statusReplicasPath),
    selector: paths === REPLICAS ? selectorOf(value) : textAt(value, paths.labelSelectorPath),
  };
}

/** A copy with this many. */
export function withReplicas(object: KubeObject, replicas: number, paths: ScalePaths = REPLICAS): KubeObject {
  const copy = { ...object } as JsonObject;
  const steps = stepsOf(paths.specReplicasPath);
  let owner = copy;
  for (const step of steps.slice(0, -1)) {
    const inner = ownMember(owner, step);
    const next = isObject(inner) ? { ...inner } : {};
    setOwn(owner, step, next);
    owner = next;
  }
  setOwn(owner, steps.at(-1) ?? 'replicas', replicas);
  return copy;
}

function selectorOf(value: JsonObject): object | undefined {
  const selector = valueAt(value, '.spec.selector');
  return isObject(selector) ? selector : undefined;
}

function numberAt(value: JsonObject, path: string): number {
  const found = valueAt(value, path);
  return typeof found === 'number' ? found : 0;
}

function textAt(value: JsonObject, path: string | undefined): string | undefined {
  const found = path === undefined ? undefined : valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
}

function valueAt(value: JsonObject, path: string): JsonValue | undefined {
  return stepsOf(path).reduce<JsonValue | undefined>(
    (at, step) => (isObject(at) ? ownMember(at, step) : undefined),
    value,
  );
}

/** The steps to the number that is wanted. */
export function replicasPath(paths: ScalePaths = REPLICAS): string[] {
  return stepsOf(paths.specReplicasPath);
}

function stepsOf(path: string): string[] {
  return path.split('.').filter((step) => step !== '');
}
