/** Pods: upstream `pkg/registry/core/pod/strategy.go`. */
import { defineKind } from '../draft.ts';
import type { ContainerDraft, PodDraft } from '../models.ts';
import { keep, moveGeneration } from '../status-rules.ts';
import type { StrategyContext } from '../strategy.ts';
import { mergeLabelKeys } from './label-keys.ts';
import { setPodDefaults } from './pod-defaults.ts';
import { statusOfNewPod } from './pod-status.ts';
import { podTable } from './pod-table.ts';
import { podWarnings } from './pod-warnings.ts';
import { podErrors, podUpdateErrors } from './pod-validation.ts';

export const pod = defineKind<PodDraft>({
  setDefaults: setPodDefaults,
  prepareForCreate(object) {
    object.metadata ??= {};
    object.metadata.generation = 1;
    object.status = statusOfNewPod(object);
    mergeLabelKeys(object);
  },
  prepareForUpdate,
  validate: podErrors,
  validateUpdate: podUpdateErrors,
  warnings: (object, old) => (old === undefined ? podWarnings(object) : []),
  selectableFields: ({ spec, status }) => ({
    'spec.nodeName': spec?.nodeName ?? '',
    'spec.restartPolicy': spec?.restartPolicy ?? '',
    'spec.schedulerName': spec?.schedulerName ?? '',
    'spec.serviceAccountName': spec?.serviceAccountName ?? '',
    'spec.hostNetwork': String(spec?.hostNetwork ?? false),
    'status.phase': status?.phase ?? '',
    'status.podIP': status?.podIPs?.[0]?.ip ?? status?.podIP ?? '',
    'status.nominatedNodeName': status?.nominatedNodeName ?? '',
  }),
  table: podTable,
  gracePeriodSeconds: ({ spec, status }, requested) => {
    const done = status?.phase === 'Failed' || status?.phase === 'Succeeded';
    if (done || (spec?.nodeName ?? '') === '') return 0;
    const seconds = requested ?? spec?.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
});

function prepareForUpdate(object: PodDraft, old: PodDraft, context: StrategyContext): void {
  switch (context.subresource) {
    case 'status':
      keep(object, old, 'spec');
      keepMetaMembers(object, old, ['ownerReferences', 'deletionTimestamp']);
      if (object.status !== undefined) object.status.qosClass ??= old.status?.qosClass ?? 'BestEffort';
      return;
    case 'ephemeralcontainers':
      restrictTo(object, old, () => ({ ephemeralContainers: object.spec?.ephemeralContainers ?? [] }));
      break;
    case 'resize':
      restrictTo(object, old, (spec) => resized(spec, object.spec ?? {}));
      break;
    default:
      keep(object, old, 'status');
  }
  moveGeneration(object, old, ['spec']);
}

function keepMetaMembers(object: PodDraft, old: PodDraft, members: readonly (keyof Meta)[]): void {
  for (const member of members) keep(object.metadata ?? {}, old.metadata ?? {}, member);
}

type Meta = NonNullable<PodDraft['metadata']>;
type Spec = NonNullable<PodDraft['spec']>;

/** A narrow subresource: the old pod with nothing changed but what `change` says. */
function restrictTo(object: PodDraft, old: PodDraft, change: (spec: Spec) => Spec): void {
  const changed = change(old.spec ?? {});
  keep(object, old, 'status');
  keepMetaMembers(object, old, ['labels', 'annotations', 'finalizers', 'ownerReferences']);
  object.spec = { ...old.spec, ...changed };
}

/** A resize may change the resources of containers. */
function resized(old: Spec, wanted: Spec): Spec {
  const take = (containers: ContainerDraft[] | undefined, from: ContainerDraft[] | undefined) =>
    containers?.map((container) => {
      const change = from?.find(({ name }) => name === container.name);
      if (change === undefined) return container;
      const { resources, resizePolicy } = change;
      return {
        ...container,
        ...(resources === undefined ? {} : { resources }),
        ...(resizePolicy === undefined ? {} : { resizePolicy }),
      };
    });
  const containers = take(old.containers, wanted.containers);
  const initContainers = take(old.initContainers, wanted.initContainers);
  return {
    ...(containers === undefined ? {} : { containers }),
    ...(initContainers === undefined ? {} : { initContainers }),
    ...(wanted.resources === undefined ? {} : { resources: wanted.resources }),
  };
}
