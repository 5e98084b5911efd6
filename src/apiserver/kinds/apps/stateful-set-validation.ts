/** Validation of StatefulSets: upstream `pkg/apis/apps/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import type { LabelSelector } from '../../../api/selectors.ts';
import { podAnnotationErrors } from '../core/pod-annotation-validation.ts';
import type { StatefulSetDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { countOrPercent, nonNegative, notAboveHundred, oneOf } from '../validation/checks.ts';
import { annotationErrors, labelErrors } from '../validation/metadata.ts';
import {
  collisionErrors,
  mismatchError,
  readSelector,
  runsForEverErrors,
  selectorErrors,
  statusCountErrors,
} from './template-validation.ts';

type Spec = NonNullable<StatefulSetDraft['spec']>;

const MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;
const STATUS_COUNTS = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
];
const FORBIDDEN_CHANGE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

const RETENTION = ['Retain', 'Delete'];

export function statefulSetErrors({ spec = {} }: StatefulSetDraft): FieldError[] {
  const selector = readSelector(spec.selector);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  const path = 'spec.persistentVolumeClaimRetentionPolicy';
  return [
    ...managementErrors(spec),
    ...updateStrategyErrors(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...oneOf(`${path}.whenDeleted`, retention?.whenDeleted, RETENTION, 'unsupported'),
    ...oneOf(`${path}.whenScaled`, retention?.whenScaled, RETENTION, 'unsupported'),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...selectorErrors(spec.selector, 'statefulset', 'spec.selector'),
    ...(selector === undefined ? [invalid('spec.selector', spec.selector, '')] : templateErrors(spec, selector)),
  ];
}

/** Upstream does not look into the pod: its volumes come from claims that are not made yet. */
function templateErrors({ template }: Spec, selector: LabelSelector): FieldError[] {
  const { labels, annotations } = template?.metadata ?? {};
  const mismatch = !selector.isEverything && !selector.matches(labels);
  return [
    ...(mismatch ? [mismatchError(labels, 'spec.template')] : []),
    ...labelErrors(labels, 'spec.template.labels'),
    ...annotationErrors(annotations, 'spec.template.annotations'),
    ...podAnnotationErrors(annotations, template?.spec ?? {}, 'spec.template.annotations'),
    ...runsForEverErrors(template, 'StatefulSet', 'spec.template'),
  ];
}

export function statefulSetUpdateErrors(
  object: StatefulSetDraft,
  old: StatefulSetDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') {
    const status = (object.status ?? {}) as Record<string, number>;
    return [
      ...statusCountErrors(status, STATUS_COUNTS, 'status.readyReplicas'),
      ...collisionErrors(object.status, old.status),
    ];
  }
  const errors = statefulSetErrors(object);
  if (equalJson(immutablePart(object.spec), immutablePart(old.spec))) return errors;
  return [...errors, forbiddenField('spec', FORBIDDEN_CHANGE)];
}

function immutablePart(spec: Spec = {}): Partial<Spec> {
  return Object.fromEntries(
    Object.entries(spec).filter(([member]) => !(MUTABLE as readonly string[]).includes(member)),
  );
}

function managementErrors({ podManagementPolicy: policy }: Spec): FieldError[] {
  if (policy === undefined || policy === '') return [required('spec.podManagementPolicy')];
  if (policy === 'OrderedReady' || policy === 'Parallel') return [];
  return [invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")];
}

function updateStrategyErrors(strategy: NonNullable<Spec['updateStrategy']>, path: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  switch (type) {
    case 'OnDelete':
      if (rollingUpdate === undefined) return [];
      return [invalid(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
    case 'RollingUpdate':
      return [
        ...nonNegative(`${path}.rollingUpdate.partition`, rollingUpdate?.partition),
        ...countOrPercent(`${path}.rollingUpdate.maxUnavailable`, rollingUpdate?.maxUnavailable),
        ...notAboveHundred(`${path}.rollingUpdate.maxUnavailable`, rollingUpdate?.maxUnavailable),
      ];
    case undefined:
    case '':
      return [required(path)];
    default:
      return [invalid(path, { Type: type, RollingUpdate: null }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}
