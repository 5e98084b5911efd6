/** Validation of IPAddresses and ServiceCIDRs: upstream `pkg/apis/networking/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../../api/names.ts';
import type { IpAddressDraft, ServiceCidrDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { canonicalCidrErrors, canonicalIpProblems, isCidr } from '../validation/addresses.ts';
import { each, immutable, invalidFor, isEmpty, requiredText } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

export function addressNameErrors(name: string): string[] {
  return canonicalIpProblems(name);
}

export function ipAddressObjectErrors({ spec }: IpAddressDraft): FieldError[] {
  const parent = spec?.parentRef;
  if (parent === undefined) return [required('spec.parentRef')];
  const { group, resource, namespace, name } = parent;
  return [
    ...(isEmpty(group) ? [] : invalidFor('spec.parentRef.group', group, dns1123SubdomainErrors(group))),
    ...requiredText('spec.parentRef.resource', resource, pathSegmentErrors),
    ...requiredText('spec.parentRef.name', name, pathSegmentErrors),
    ...(isEmpty(namespace) ? [] : invalidFor('spec.parentRef.namespace', namespace, pathSegmentErrors(namespace))),
  ];
}

export function ipAddressUpdateErrors(object: IpAddressDraft, old: IpAddressDraft): FieldError[] {
  const [parent, before] = [object.spec?.parentRef, old.spec?.parentRef];
  return immutable(
    'spec.parentRef',
    parent === undefined ? parent : goDump(parent, 'ParentReference'),
    before && goDump(before, 'ParentReference'),
  );
}

const ONE_PER_FAMILY = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

export function serviceCidrErrors({ spec }: ServiceCidrDraft): FieldError[] {
  const ranges = spec?.cidrs ?? [];
  const shown = { CIDRs: ranges };
  if (ranges.length === 0) return [required('spec.cidrs', 'at least one CIDR required')];
  if (ranges.length > 2) return [invalid('spec.cidrs', shown, 'may only hold up to 2 values')];
  const families = new Set(ranges.map((range) => isCidr(range) && range.includes(':')));
  if (ranges.length === 2 && (families.size < 2 || !ranges.every(isCidr))) {
    return [invalid('spec.cidrs', shown, ONE_PER_FAMILY)];
  }
  return each(ranges, 'spec.cidrs', (range, path) => canonicalCidrErrors(path, range));
}

/** Ranges stay; a second one, of the other family, may come. */
export function serviceCidrUpdateErrors(
  object: ServiceCidrDraft,
  old: ServiceCidrDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return [];
  const [ranges, before] = [object.spec?.cidrs ?? [], old.spec?.cidrs ?? []];
  const added = ranges.length === 2 && before.length === 1;
  if (ranges.length !== before.length && !added) {
    return [invalid('spec.cidrs', object.spec?.cidrs ?? null, 'field is immutable')];
  }
  return [
    ...before.flatMap((range, index) => immutable(`spec.cidrs[${index}]`, ranges[index], range)),
    ...(added ? serviceCidrErrors(object) : []),
  ];
}
