import { networkPolicyErrors, networkPolicyWarnings } from './network-policy-validation.ts';
import { defineKind } from '../draft.ts';
import type { NetworkPolicyDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { selectorText } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const networkPolicy = defineKind<NetworkPolicyDraft>({
  ...statusRules({ generationOf: ['spec'] }),
  validate: networkPolicyErrors,
  validateUpdate: networkPolicyErrors,
  warnings: networkPolicyWarnings,
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    }
    // A policy without types is about ingress, and about egress where it has rules for that.
    if (spec.policyTypes === undefined)
      spec.policyTypes = spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
  },
  table: {
    columns: COLUMNS['networking.k8s.io/networkpolicies'],
    cells: (object, now) => [object.metadata?.name, selectorText(object.spec?.podSelector), ageOf(object, now)],
  },
});
