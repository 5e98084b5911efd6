/** Validation of IPAddresses and ServiceCIDRs: upstream `pkg/apis/networking/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import type { IpAddressDraft, ServiceCidrDraft } from '../models.ts';
import { cidrErrors, isIpAddress } from '../validation/addresses.ts';
import { each, immutable, requiredText } from '../validation/checks.ts';

export function addressNameErrors(name: string): string[] {
  return isIpAddress(name) ? [] : ['must be a valid IP address in canonical form'];
}

export function ipAddressObjectErrors({ spec }: IpAddressDraft): FieldError[] {
  const parent = spec?.parentRef;
  if (parent === undefined) return [required('spec.parentRef')];
  return [
    ...requiredText('spec.parentRef.resource', parent.resource),
    ...requiredText('spec.parentRef.name', parent.name),
  ];
}

export function ipAddressUpdateErrors(object: IpAddressDraft, old: IpAddressDraft): FieldError[] {
  return [
    ...ipAddressObjectErrors(object),
    ...immutable('spec.parentRef', object.spec?.parentRef, old.spec?.parentRef),
  ];
}

export function serviceCidrErrors({ spec }: ServiceCidrDraft): FieldError[] {
  const ranges = spec?.cidrs ?? [];
  if (ranges.length === 0) return [required('spec.cidrs', 'at least one CIDR required')];
  if (ranges.length > 2) return [invalid('spec', spec, 'may only hold up to 2 values')];
  const families = new Set(ranges.map((range) => range.includes(':')));
  const mixed = ranges.length === 2 && families.size < 2;
  return [
    ...(mixed
      ? [
          invalid(
            'spec',
            ranges,
            'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
          ),
        ]
      : []),
    ...each(ranges, 'spec.cidrs', (range, path) => cidrErrors(path, range)),
  ];
}

export function serviceCidrUpdateErrors(object: ServiceCidrDraft, old: ServiceCidrDraft): FieldError[] {
  if (equalJson(object.spec, old.spec)) return [];
  return [forbiddenField('spec.cidrs', 'field is immutable')];
}
