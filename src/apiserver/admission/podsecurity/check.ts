/** What the checks of the Pod Security Standards share: upstream's `pod-security-admission/policy`. */
import type { Container, PodSpec } from '../../../api/kinds.ts';

export interface PodTemplate {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export interface Check {
  readonly id: string;
  /** The first minor version of Kubernetes 1 whose standard has this check. */
  readonly since?: number;
  /** A stricter check says it better. */
  readonly overrides?: string;
  /** `minor` is the version of the standard; Infinity for `latest`. */
  find(pod: PodTemplate, minor: number): Violation | undefined;
}

/** Of the three lists, in the order in which they are looked through. */
export function containersOf(spec: PodSpec): Container[] {
  const ephemeral = (spec.ephemeralContainers ?? []) as Container[];
  return [...(spec.initContainers ?? []), ...spec.containers, ...ephemeral];
}

/** Whether the pod runs in a user namespace. */
export function hasOwnUsers({ hostUsers }: PodSpec): boolean {
  return hostUsers === false;
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** `container "a"`, `containers "a", "b"` */
export function counted(word: string, names: readonly string[]): string {
  return `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`;
}

/** The pod itself and those of its containers that are at fault, as `pod and container "a"`. */
export function setters(pod: boolean, containers: readonly string[]): string[] {
  return [...(pod ? ['pod'] : []), ...(containers.length === 0 ? [] : [counted('container', containers)])];
}

export function namesWhere(spec: PodSpec, isBad: (container: Container) => boolean): string[] {
  return containersOf(spec)
    .filter(isBad)
    .map(({ name }) => name);
}

export function sortedSet(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}
