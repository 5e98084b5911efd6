/** Validation of ResourceClaims, their templates and DeviceClasses: upstream `pkg/apis/resource/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type {
  DeviceClassDraft,
  DeviceRequestDraft,
  ResourceClaimDraft,
  ResourceClaimTemplateDraft,
} from '../models.ts';
import { writesStatus } from '../status-rules.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, requiredText } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { annotationErrors, labelErrors } from '../validation/metadata.ts';
import { claimStatusErrors } from './claim-status-validation.ts';
import {
  boundedList,
  boundedSet,
  configurationErrors,
  deviceTolerationErrors,
  type ExactRequest,
  fullAttributeNameErrors,
  labelText,
} from './device-checks.ts';
import { MAX_REQUESTS, requestNamesOf, requestReferencesErrors } from './request-names.ts';
import { selectorErrors } from './selector-validation.ts';

type ClaimSpec = NonNullable<ResourceClaimDraft['spec']>;
type Constraint = NonNullable<NonNullable<ClaimSpec['devices']>['constraints']>[number];

const MAX_CONSTRAINTS = 32;
const MAX_CONFIGURATIONS = 32;
const MAX_ALTERNATIVES = 8;
const ONE_FORM = 'exactly one of `exactly` or `firstAvailable` is required';

export function resourceClaimErrors({ spec = {} }: ResourceClaimDraft): FieldError[] {
  return claimSpecErrors(spec, 'spec');
}

export function resourceClaimUpdateErrors(
  object: ResourceClaimDraft,
  old: ResourceClaimDraft,
  context: StrategyContext,
): FieldError[] {
  if (writesStatus(context)) return claimStatusErrors(object, old);
  return fixedSpec(object.spec, old.spec, goDump(object.spec, 'ResourceClaimSpec'));
}

export function claimTemplateErrors({ spec = {} }: ResourceClaimTemplateDraft): FieldError[] {
  return [
    ...annotationErrors(spec.metadata?.annotations, 'spec.metadata.annotations'),
    ...labelErrors(spec.metadata?.labels, 'spec.metadata.labels'),
    ...claimSpecErrors(spec.spec ?? {}, 'spec.spec'),
  ];
}

export function claimTemplateUpdateErrors(
  { spec }: ResourceClaimTemplateDraft,
  old: ResourceClaimTemplateDraft,
): FieldError[] {
  return fixedSpec(spec, old.spec, { ...spec?.metadata, Spec: goDump(spec?.spec ?? {}, 'ResourceClaimSpec') });
}

function fixedSpec(spec: unknown, old: unknown, shown: unknown): FieldError[] {
  return equalJson(spec, old) ? [] : [invalid('spec', shown, 'field is immutable')];
}

export function deviceClassErrors({ spec = {} }: DeviceClassDraft): FieldError[] {
  const name = spec.extendedResourceName;
  return [
    ...selectorErrors(spec.selectors, 'spec.selectors'),
    ...boundedList(spec.config, MAX_CONFIGURATIONS, 'spec.config', configurationErrors),
    ...(name === undefined || isExtendedResource(name)
      ? []
      : [invalid('spec.extendedResourceName', name, 'must be a valid extended resource name')]),
  ];
}

/** A name of a domain that is not Kubernetes' own, and fit for a quota. */
function isExtendedResource(name: string): boolean {
  const isNative = !name.includes('/') || name.includes('kubernetes.io/');
  return !isNative && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;
}

function claimSpecErrors({ devices = {} }: ClaimSpec, path: string): FieldError[] {
  const names = requestNamesOf(devices.requests);
  const at = `${path}.devices`;
  return [
    ...boundedSet(devices.requests, MAX_REQUESTS, `${at}.requests`, requestErrors, ({ name }) => name ?? ''),
    ...boundedList(devices.constraints, MAX_CONSTRAINTS, `${at}.constraints`, (constraint, path) => [
      ...requestReferencesErrors(constraint.requests, names, `${path}.requests`),
      ...constraintErrors(constraint, path),
    ]),
    ...boundedList(devices.config, MAX_CONFIGURATIONS, `${at}.config`, (config, path) => [
      ...requestReferencesErrors(config.requests, names, `${path}.requests`),
      ...configurationErrors(config, path),
    ]),
  ];
}

function requestErrors(request: DeviceRequestDraft, path: string): FieldError[] {
  const { name, exactly, firstAvailable = [] } = request;
  const named = labelText(`${path}.name`, name);
  if (firstAvailable.length === 0) {
    if (exactly === undefined) return [...named, required(path, ONE_FORM)];
    return [...named, ...wantedErrors(exactly, `${path}.exactly`)];
  }
  if (exactly !== undefined) return [...named, invalid(path, null, `${ONE_FORM}, but multiple fields are set`)];
  const check = (wanted: (typeof firstAvailable)[number], path: string) => [
    ...labelText(`${path}.name`, wanted.name),
    ...wantedErrors(wanted, path),
  ];
  return [
    ...named,
    ...boundedSet(firstAvailable, MAX_ALTERNATIVES, `${path}.firstAvailable`, check, ({ name }) => name ?? ''),
  ];
}

function wantedErrors(wanted: ExactRequest, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.deviceClassName`, wanted.deviceClassName, dns1123SubdomainErrors),
    ...selectorErrors(wanted.selectors, `${path}.selectors`),
    ...modeErrors(wanted, path),
    ...each(wanted.tolerations, `${path}.tolerations`, deviceTolerationErrors),
  ];
}

function modeErrors({ allocationMode: mode = '', count = 0 }: ExactRequest, path: string): FieldError[] {
  if (mode === 'All') {
    const detail = "must not be specified when allocationMode is 'All'";
    return count === 0 ? [] : [invalid(`${path}.count`, count, detail)];
  }
  if (mode !== 'ExactCount') return [notSupported(`${path}.allocationMode`, mode, ['All', 'ExactCount'])];
  return count > 0 ? [] : [invalid(`${path}.count`, count, 'must be greater than zero')];
}

function constraintErrors({ matchAttribute, distinctAttribute }: Constraint, path: string): FieldError[] {
  if (matchAttribute !== undefined) return fullAttributeNameErrors(matchAttribute, `${path}.matchAttribute`);
  if (distinctAttribute !== undefined) return fullAttributeNameErrors(distinctAttribute, `${path}.distinctAttribute`);
  const names = '"matchAttribute" or "distinctAttribute"';
  return [required(path, `exactly one of ${names} is required, but multiple fields are set`)];
}
