/** Flow control. Defaults: upstream `pkg/apis/flowcontrol/v1/defaults.go`. */
import { defineKind } from '../draft.ts';
import type { FlowSchemaDraft, PriorityLevelConfigurationDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { flowSchemaErrors, flowSchemaUpdateErrors } from './flow-schema-validation.ts';
import { priorityLevelErrors, priorityLevelUpdateErrors } from './priority-level-validation.ts';

const PRECEDENCE = 1000;
const CONCURRENCY_SHARES = 30;
const UNSET = '<none>';

export const flowSchema = defineKind<FlowSchemaDraft>({
  validate: flowSchemaErrors,
  validateUpdate: flowSchemaUpdateErrors,
  ...statusRules({ initialStatus: () => ({}), generationOf: ['spec'], statusKeepsMetadata: true }),
  setDefaults({ spec }) {
    if (spec !== undefined && (spec.matchingPrecedence ?? 0) === 0) spec.matchingPrecedence = PRECEDENCE;
  },
  table: {
    columns: COLUMNS['flowcontrol.apiserver.k8s.io/flowschemas'],
    cells: (object, now) => [
      object.metadata?.name,
      object.spec?.priorityLevelConfiguration?.name ?? '',
      object.spec?.matchingPrecedence ?? 0,
      object.spec?.distinguisherMethod?.type ?? UNSET,
      ageOf(object, now),
      (object.status?.conditions ?? []).find(({ type }) => type === 'Dangling')?.status ?? '?',
    ],
  },
});

export const priorityLevelConfiguration = defineKind<PriorityLevelConfigurationDraft>({
  validate: priorityLevelErrors,
  validateUpdate: priorityLevelUpdateErrors,
  ...statusRules({ initialStatus: () => ({}), generationOf: ['spec'], statusKeepsMetadata: true }),
  setDefaults({ spec }) {
    const { limited, exempt } = spec ?? {};
    if (exempt !== undefined) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (limited === undefined) return;
    limited.nominalConcurrencyShares ??= CONCURRENCY_SHARES;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (queuing === undefined) return;
    if ((queuing.handSize ?? 0) === 0) queuing.handSize = 8;
    if ((queuing.queues ?? 0) === 0) queuing.queues = 64;
    if ((queuing.queueLengthLimit ?? 0) === 0) queuing.queueLengthLimit = 50;
  },
  table: {
    columns: COLUMNS['flowcontrol.apiserver.k8s.io/prioritylevelconfigurations'],
    cells(object, now) {
      const { spec } = object;
      const queuing = spec?.limited?.limitResponse?.queuing;
      return [
        object.metadata?.name,
        spec?.type ?? '',
        spec?.limited?.nominalConcurrencyShares ?? spec?.exempt?.nominalConcurrencyShares ?? UNSET,
        queuing?.queues ?? UNSET,
        queuing?.handSize ?? UNSET,
        queuing?.queueLengthLimit ?? UNSET,
        ageOf(object, now),
      ];
    },
  },
});
