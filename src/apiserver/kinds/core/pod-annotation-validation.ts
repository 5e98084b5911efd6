/** Annotations that have a meaning for pods: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import type { PodSpecDraft } from '../models.ts';
import { descendingPath, isEmpty, MAX_INT_32 } from '../validation/checks.ts';
import { placedContainers } from './windows-validation.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const LOCALHOST = 'localhost/';
const RUNTIME_DEFAULT = 'runtime/default';
const DOCKER_DEFAULT = 'docker/default';
const UNCONFINED = 'unconfined';

export function podAnnotationErrors(annotations: Annotations, spec: PodSpecDraft, path: string): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const containers = placedContainers(spec, 'spec').map(([{ name }]) => name);
  const mirror = annotations?.[MIRROR];
  return [
    ...(mirror !== undefined && isEmpty(spec.nodeName)
      ? [invalid(`${path}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...costErrors(annotations?.[DELETION_COST], `${path}[${DELETION_COST}]`),
    ...entries
      .filter(([key]) => key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
      .flatMap(([key, profile]) => seccompErrors(profile, `${path}.${key}`)),
    ...entries
      .filter(([key]) => key.startsWith(APPARMOR))
      .flatMap(([key, profile]) => appArmorErrors(key.slice(APPARMOR.length), profile, containers, `${path}[${key}]`)),
  ];
}

/** A whole number that Go prints the same. */
function costErrors(cost: string | undefined, path: string): FieldError[] {
  if (cost === undefined) return [];
  const plain = /^(0|-?[1-9]\d*)$/.test(cost);
  if (plain && Number(cost) <= MAX_INT_32 && Number(cost) >= -MAX_INT_32 - 1) return [];
  return [invalid(path, cost, 'must be a 32bit integer')];
}

function seccompErrors(profile: string, path: string): FieldError[] {
  if ([RUNTIME_DEFAULT, DOCKER_DEFAULT, UNCONFINED].includes(profile)) return [];
  if (profile.startsWith(LOCALHOST)) return descendingPath(path, profile.slice(LOCALHOST.length));
  return [invalid(path, profile, 'must be a valid seccomp profile')];
}

function appArmorErrors(
  container: string,
  profile: string,
  containers: readonly (string | undefined)[],
  path: string,
): FieldError[] {
  const known = ['', RUNTIME_DEFAULT, UNCONFINED].includes(profile) || profile.startsWith(LOCALHOST);
  return [
    ...(containers.includes(container) ? [] : [invalid(path, container, 'container not found')]),
    ...(known ? [] : [invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)]),
  ];
}

/** Old annotations beside the fields that took their place must say the same. */
export function profileMatchErrors(annotations: Annotations, spec: PodSpecDraft, path: string): FieldError[] {
  const context = `${path}.securityContext`;
  const containers = placedContainers(spec, path);
  const onWindows = spec.os?.name === 'windows';
  return [
    ...mismatch(annotations?.[SECCOMP_POD], spec.securityContext?.seccompProfile, 'seccomp', context),
    ...containers.flatMap(([{ name, securityContext }, path]) =>
      mismatch(
        annotations?.[SECCOMP_CONTAINER + (name ?? '')],
        securityContext?.seccompProfile,
        'seccomp',
        `${path}.securityContext`,
      ),
    ),
    ...(onWindows ? [] : containers).flatMap(([{ name, securityContext }, path]) =>
      mismatch(
        annotations?.[APPARMOR + (name ?? '')],
        securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile,
        'apparmor',
        `${path}.securityContext`,
      ),
    ),
  ];
}

type Profile = { type?: string; localhostProfile?: string } | undefined;

const PROFILE_FIELDS = { seccomp: 'seccompProfile', apparmor: 'appArmorProfile' } as const;

function mismatch(
  annotation: string | undefined,
  profile: Profile,
  what: keyof typeof PROFILE_FIELDS,
  path: string,
): FieldError[] {
  if (annotation === undefined || profile === undefined) return [];
  const field = `${path}.${PROFILE_FIELDS[what]}`;
  const type = forbiddenField(`${field}.type`, `${what} type in annotation and field must match`);
  switch (profile.type) {
    case 'Unconfined':
      return annotation === UNCONFINED ? [] : [type];
    case 'RuntimeDefault':
      return annotation === RUNTIME_DEFAULT || (what === 'seccomp' && annotation === DOCKER_DEFAULT) ? [] : [type];
    case 'Localhost':
      if (!annotation.startsWith(LOCALHOST)) return [type];
      if (annotation.slice(LOCALHOST.length) === profile.localhostProfile) return [];
      return [forbiddenField(`${field}.localhostProfile`, `${what} profile in annotation and field must match`)];
    default:
      return [];
  }
}

/** AppArmor profiles and the mark of a static pod stay as they were made. */
export function annotationUpdateErrors(now: Annotations, before: Annotations, path: string): FieldError[] {
  const [after, old] = [now ?? {}, before ?? {}];
  const changed = Object.keys(old).filter((key) => after[key] !== old[key]);
  const added = Object.keys(after).filter((key) => old[key] === undefined);
  const refuse = (keys: readonly string[], verb: string) =>
    keys.flatMap((key) => {
      const field = `${path}[${key}]`;
      if (key.startsWith(APPARMOR)) return [forbiddenField(field, `may not ${verb} AppArmor annotations`)];
      return key === MIRROR ? [forbiddenField(field, `may not ${verb} mirror pod annotation`)] : [];
    });
  return [...refuse(changed, 'remove or update'), ...refuse(added, 'add')];
}
