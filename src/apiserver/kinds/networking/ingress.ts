import {
  ingressClassErrors,
  ingressClassUpdateErrors,
  ingressUpdateErrors,
  ingressWarnings,
  newIngressErrors,
} from './ingress-validation.ts';
import { ingressPoints } from '../core/service-table.ts';
import { defineKind } from '../draft.ts';
import type { IngressClassDraft, IngressDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

/** Hosts shown before `+ N more...`. */
const SHOWN = 3;

export const ingress = defineKind<IngressDraft>({
  ...statusRules({ initialStatus: () => ({ loadBalancer: {} }), generationOf: ['spec'] }),
  validate: newIngressErrors,
  validateUpdate: ingressUpdateErrors,
  warnings: ingressWarnings,
  table: {
    columns: COLUMNS['networking.k8s.io/ingresses'],
    cells: (object, now) => [
      object.metadata?.name,
      object.spec?.ingressClassName ?? NONE,
      hostsText(object),
      ingressPoints(object.status?.loadBalancer?.ingress).join(','),
      (object.spec?.tls ?? []).length === 0 ? '80' : '80, 443',
      ageOf(object, now),
    ],
  },
});

function hostsText({ spec }: IngressDraft): string {
  const rules = spec?.rules ?? [];
  const hosts = rules.map(({ host }) => host ?? '').filter((host) => host !== '');
  if (hosts.length === 0) return '*';
  const more = rules.length > SHOWN && hosts.length >= SHOWN ? ` + ${rules.length - SHOWN} more...` : '';
  return hosts.slice(0, SHOWN).join(',') + more;
}

export const ingressClass = defineKind<IngressClassDraft>({
  ...statusRules({ generationOf: ['spec'] }),
  validate: ingressClassErrors,
  validateUpdate: ingressClassUpdateErrors,
  setDefaults({ spec }) {
    if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster';
  },
  table: {
    columns: COLUMNS['networking.k8s.io/ingressclasses'],
    cells: (object, now) => [
      object.metadata?.name,
      object.spec?.controller ?? '',
      parametersText(object),
      ageOf(object, now),
    ],
  },
});

/** `IngressParameters.example.com/name` */
function parametersText({ spec }: IngressClassDraft): string {
  const parameters = spec?.parameters;
  if (parameters === undefined) return NONE;
  const kind = parameters.kind ?? '';
  const group = parameters.apiGroup === undefined ? kind : `${kind}.${parameters.apiGroup}`;
  return `${group}/${parameters.name ?? ''}`;
}
