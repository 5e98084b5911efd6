/** IPAddresses and ServiceCIDRs: what cluster IPs are taken from. */
import {
  addressNameErrors,
  ipAddressObjectErrors,
  ipAddressUpdateErrors,
  serviceCidrErrors,
  serviceCidrUpdateErrors,
} from './address-validation.ts';
import { defineKind } from '../draft.ts';
import type { IpAddressDraft, ServiceCidrDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const ipAddress = defineKind<IpAddressDraft>({
  validate: ipAddressObjectErrors,
  validateUpdate: ipAddressUpdateErrors,
  nameErrors: addressNameErrors,
  table: {
    columns: COLUMNS['networking.k8s.io/ipaddresses'],
    // Upstream gives a third cell, the age, to which there is no column.
    cells: (object, now) => [object.metadata?.name, parentText(object), ageOf(object, now)],
  },
});

/** `services/default/kubernetes` */
function parentText({ spec }: IpAddressDraft): string {
  const parent = spec?.parentRef;
  if (parent === undefined) return '<none>';
  const resource = parent.group === undefined ? parent.resource : `${parent.resource}.${parent.group}`;
  return [resource, parent.namespace, parent.name].filter((part) => part !== undefined && part !== '').join('/');
}

export const serviceCidr = defineKind<ServiceCidrDraft>({
  ...statusRules({ initialStatus: () => ({}) }),
  validate: serviceCidrErrors,
  validateUpdate: serviceCidrUpdateErrors,
  table: {
    columns: COLUMNS['networking.k8s.io/servicecidrs'],
    cells: (object, now) => [object.metadata?.name, (object.spec?.cidrs ?? []).join(','), ageOf(object, now)],
  },
});
