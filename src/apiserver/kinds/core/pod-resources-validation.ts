/** Validation of the resources of a pod as a whole: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported } from '../../../api/field-error.ts';
import { compareQuantities, formatQuantity, parseQuantity } from '../../../api/quantity.ts';
import type { PodSpecDraft } from '../models.ts';
import { each } from '../validation/checks.ts';
import { containerTotals } from './container-totals.ts';
import { isHugePages, requirementsErrors, resourceNameErrors } from './resources-validation.ts';

const POD_RESOURCES = ['cpu', 'memory'];

export function podResourcesErrors(spec: PodSpecDraft, path: string): FieldError[] {
  const { resources } = spec;
  const field = `${path}.resources`;
  if (resources === undefined) return [];
  if (spec.os?.name === 'windows') return [forbiddenField(field, 'may not be set for a windows pod')];
  return [
    ...(resources.claims === undefined
      ? []
      : [forbiddenField(`${field}.claims`, 'claims may not be set for Resources at pod-level')]),
    ...requirementsErrors(resources, new Set(), field, podResourceErrors),
    ...totalErrors(spec, 'requests', field, () => true),
    ...totalErrors(spec, 'limits', field, isHugePages),
    ...containerLimitErrors(spec, field),
  ];
}

export function isPodResource(name: string): boolean {
  return POD_RESOURCES.includes(name) || isHugePages(name);
}

function podResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  return errors.length > 0 || isPodResource(name) ? errors : [notSupported(path, name, POD_RESOURCES)];
}

/** A pod asks for at least as much as its containers together. */
function totalErrors(
  spec: PodSpecDraft,
  kind: 'requests' | 'limits',
  path: string,
  counts: (name: string) => boolean,
): FieldError[] {
  return [...containerTotals(spec, kind)].flatMap(([name, total]) => {
    const own = spec.resources?.[kind]?.[name];
    if (own === undefined || !counts(name) || compareQuantities(total, parseQuantity(own)) <= 0) return [];
    const detail = `must be greater than or equal to aggregate container ${kind} of ${formatQuantity(total)}`;
    return [invalid(`${path}.${kind}[${name}]`, own, detail)];
  });
}

function containerLimitErrors(spec: PodSpecDraft, path: string): FieldError[] {
  return each(spec.containers, `${path}.containers`, ({ resources }, item) =>
    Object.entries(resources?.limits ?? {}).flatMap(([name, limit]) => {
      const whole = spec.resources?.limits?.[name];
      if (whole === undefined || compareQuantities(parseQuantity(limit), parseQuantity(whole)) <= 0) return [];
      return [invalid(`${item}[${name}].limits`, limit, `must be less than or equal to pod limits of ${whole}`)];
    }),
  );
}
