import type { PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, Volume } from '../../api/kinds.ts';
import { controllerReference } from '../ownership/claim.ts';
import { podFromTemplate } from '../pods/pod-from-template.ts';
import { REVISION_HASH } from '../revisions/revision-history.ts';
import { STATEFUL_SETS } from '../runtime/resources.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

export function podNameOf({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata?.name}-${ordinal}`;
}

/** The ordinal in the pod's name; nothing for a pod that only looks like one of the set. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata?.name}-`;
  const name = pod.metadata?.name ?? '';
  const text = name.slice(prefix.length);
  return name.startsWith(prefix) && /^(0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}

/** The pod of an ordinal: with a name that stays, a host name, and claims of its own. */
export function statefulPod(
  set: StatefulSet,
  ordinal: number,
  template: PodTemplateSpec | undefined,
  revision: string,
): Pod {
  const { generateName: _, ...base } =
    podFromTemplate(template, controllerReference(set, STATEFUL_SETS), '').metadata ?? {};
  const name = podNameOf(set, ordinal);
  const spec = template?.spec ?? { containers: [] };
  const volumes = withClaims(set, ordinal, spec.volumes ?? []);
  const { serviceName } = set.spec ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...base,
      name,
      labels: { ...base.labels, [POD_NAME]: name, [POD_INDEX]: String(ordinal), [REVISION_HASH]: revision },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The claims that the pod of an ordinal needs; they outlive the pod. */
export function claimsFor(set: StatefulSet, ordinal: number): PersistentVolumeClaim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimName(set, ordinal, template.metadata?.name),
      namespace: set.metadata?.namespace ?? '',
      labels: { ...template.metadata?.labels, ...set.spec?.selector?.matchLabels },
    },
  }));
}

/** Whether the name is one that a claim of the set may have. */
export function mayClaim(set: StatefulSet, name: string): boolean {
  const templates = set.spec?.volumeClaimTemplates ?? [];
  return templates.some(({ metadata }) => name.startsWith(`${metadata?.name}-${set.metadata?.name}-`));
}

function withClaims(set: StatefulSet, ordinal: number, volumes: readonly Volume[]): Volume[] {
  const claimed = (set.spec?.volumeClaimTemplates ?? []).map(({ metadata }): Volume => {
    const claim = { claimName: claimName(set, ordinal, metadata?.name), readOnly: false };
    return { name: metadata?.name ?? '', persistentVolumeClaim: claim };
  });
  const names = new Set(claimed.map(({ name }) => name));
  return [...volumes.filter(({ name }) => !names.has(name)), ...claimed];
}

function claimName(set: StatefulSet, ordinal: number, template: string | undefined): string {
  return `${template}-${podNameOf(set, ordinal)}`;
}
