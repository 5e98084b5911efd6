/** The `restricted` standard: what hardened pods look like. Comes on top of `baseline`. */
import type { PodSpec } from '../../../api/kinds.ts';
import { addedCapabilities, forbiddenProcMount } from './baseline.ts';
import {
  type Check,
  containersOf,
  counted,
  hasOwnUsers,
  namesWhere,
  quoted,
  setters,
  sortedSet,
  type Violation,
} from './check.ts';

/** From this version on, what Windows does not have is not asked of its pods. */
const WINDOWS_SINCE = 25;

function isExempt(spec: PodSpec, minor: number): boolean {
  return minor >= WINDOWS_SINCE && spec.os?.name === 'windows';
}

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  since: 8,
  find({ spec }, minor) {
    const bad = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
    if (bad.length === 0 || isExempt(spec, minor)) return undefined;
    return {
      reason: 'allowPrivilegeEscalation != false',
      detail: `${counted('container', bad)} must set securityContext.allowPrivilegeEscalation=false`,
    };
  },
};

const MAY_ADD = new Set(['NET_BIND_SERVICE']);

const capabilities: Check = {
  id: 'capabilities_restricted',
  since: 22,
  overrides: 'capabilities_baseline',
  find({ spec }, minor) {
    if (isExempt(spec, minor)) return undefined;
    const keeps = namesWhere(spec, (each) => !(each.securityContext?.capabilities?.drop ?? []).includes('ALL'));
    const added = addedCapabilities(spec, MAY_ADD);
    const details = [
      ...(keeps.length === 0
        ? []
        : [`${counted('container', keeps)} must set securityContext.capabilities.drop=["ALL"]`]),
      ...(added === undefined ? [] : [added]),
    ];
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
  },
};

const VOLUME_TYPES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const procMount: Check = {
  id: 'procMount_restricted',
  since: 35,
  overrides: 'procMount_baseline',
  find: ({ spec }) => forbiddenProcMount(spec),
};

const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  overrides: 'hostPathVolumes',
  find({ spec }) {
    const bad = (spec.volumes ?? []).flatMap(({ name, ...sources }) => {
      const type = Object.keys(sources).find((key) => sources[key as keyof typeof sources] !== undefined) ?? 'unknown';
      return VOLUME_TYPES.has(type) ? [] : [{ name, type }];
    });
    if (bad.length === 0) return undefined;
    const who = counted(
      'volume',
      bad.map(({ name }) => name),
    );
    const types = sortedSet(bad.map(({ type }) => type));
    const uses = bad.length === 1 ? 'uses' : 'use';
    return { reason: 'restricted volume types', detail: `${who} ${uses} ${counted('restricted volume type', types)}` };
  },
};

/** A field that the pod sets for those containers that do not, and that must be set to something good. */
interface Inherited<T> {
  readonly reason: string;
  readonly ofPod: T | undefined;
  readonly ofContainer: (container: ReturnType<typeof containersOf>[number]) => T | undefined;
  readonly isGood: (value: T) => boolean;
  readonly forbids: (bad: readonly T[]) => string;
  readonly wants: string;
}

function inherited<T>(spec: PodSpec, rule: Inherited<T>): Violation | undefined {
  const { reason, ofPod, ofContainer, isGood } = rule;
  const isBad = (value: T | undefined): value is T => value !== undefined && !isGood(value);
  const who = setters(
    isBad(ofPod),
    namesWhere(spec, (each) => isBad(ofContainer(each))),
  );
  if (who.length > 0) {
    const values = [ofPod, ...containersOf(spec).map(ofContainer)].filter(isBad);
    return { reason, detail: `${who.join(' and ')} must not set securityContext.${rule.forbids(values)}` };
  }
  if (ofPod !== undefined) return undefined;
  const unset = namesWhere(spec, (each) => ofContainer(each) === undefined);
  if (unset.length === 0) return undefined;
  return { reason, detail: `pod or ${counted('container', unset)} must set securityContext.${rule.wants}` };
}

const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  find({ spec }) {
    if (hasOwnUsers(spec)) return undefined;
    return inherited(spec, {
      reason: 'runAsNonRoot != true',
      ofPod: spec.securityContext?.runAsNonRoot,
      ofContainer: ({ securityContext }) => securityContext?.runAsNonRoot,
      isGood: (value) => value,
      forbids: () => 'runAsNonRoot=false',
      wants: 'runAsNonRoot=true',
    });
  },
};

const runAsUser: Check = {
  id: 'runAsUser',
  since: 23,
  find({ spec }) {
    if (hasOwnUsers(spec)) return undefined;
    const bad = namesWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
    const who = setters(spec.securityContext?.runAsUser === 0, bad);
    return who.length === 0
      ? undefined
      : { reason: 'runAsUser=0', detail: `${who.join(' and ')} must not set runAsUser=0` };
  },
};

const seccompProfile: Check = {
  id: 'seccompProfile_restricted',
  since: 19,
  overrides: 'seccompProfile_baseline',
  find({ spec }, minor) {
    if (isExempt(spec, minor)) return undefined;
    return inherited(spec, {
      reason: 'seccompProfile',
      ofPod: spec.securityContext?.seccompProfile?.type,
      ofContainer: ({ securityContext }) => securityContext?.seccompProfile?.type,
      isGood: (type) => type === 'RuntimeDefault' || type === 'Localhost',
      forbids: (types) => `seccompProfile.type to ${quoted(sortedSet(types))}`,
      wants: 'seccompProfile.type to "RuntimeDefault" or "Localhost"',
    });
  },
};

/** In the order of their ids, as they are reported. */
export const RESTRICTED: readonly Check[] = [
  allowPrivilegeEscalation,
  capabilities,
  procMount,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompProfile,
];
