/** Validation of APIServices: upstream `kube-aggregator/pkg/apis/apiregistration/validation`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import type { ApiServiceDraft } from '../models.ts';
import { isEmpty, optionalText, portNumber, requiredText } from '../validation/checks.ts';

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1000;

type Spec = NonNullable<ApiServiceDraft['spec']>;

export function apiServiceErrors({ metadata, spec = {} }: ApiServiceDraft): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = spec;
  const name = `${version}.${group}`;
  return [
    ...(metadata?.name === name
      ? []
      : [invalid('metadata.name', metadata?.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`)]),
    ...optionalText('spec.group', group, dns1123SubdomainErrors),
    ...requiredText('spec.version', version, dns1035LabelErrors),
    ...positiveBelow('spec.groupPriorityMinimum', groupPriorityMinimum, MAX_GROUP_PRIORITY),
    ...positiveBelow('spec.versionPriority', versionPriority, MAX_VERSION_PRIORITY),
    ...serviceErrors(spec),
  ];
}

function positiveBelow(path: string, value: number, most: number): FieldError[] {
  if (value > 0 && value <= most) return [];
  return [invalid(path, value, `must be positive and less than ${most}`)];
}

/** What a group that is served here may not have, and what one that is served elsewhere must. */
function serviceErrors({ service, caBundle, insecureSkipTLSVerify }: Spec): FieldError[] {
  if (service === undefined) {
    return [
      ...(isEmpty(caBundle)
        ? []
        : [invalid('spec.caBundle', '<byte array>', 'local APIServices may not have a caBundle')]),
      ...(insecureSkipTLSVerify === true
        ? [invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')]
        : []),
    ];
  }
  const both = insecureSkipTLSVerify === true && !isEmpty(caBundle);
  return [
    ...(isEmpty(service.namespace) ? [required('spec.service.namespace')] : []),
    ...(isEmpty(service.name) ? [required('spec.service.name')] : []),
    ...(service.port === undefined ? [] : portNumber('spec.service.port', service.port)),
    ...(both ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')] : []),
  ];
}
