/** Namespaces: upstream `pkg/registry/core/namespace/strategy.go`. */
import { type FieldError, invalid } from '../../../api/field-error.ts';
import { dns1123LabelErrors, qualifiedNameErrors } from '../../../api/names.ts';
import { defineKind } from '../draft.ts';
import type { NamespaceDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { keep, writesStatus } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { each, invalidFor } from '../validation/checks.ts';
import { standardFinalizerErrors } from '../validation/metadata.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';
const FINALIZER = 'kubernetes';

export const namespace = defineKind<NamespaceDraft>({
  nameErrors: dns1123LabelErrors,
  validate: ({ spec }) => (spec?.finalizers ?? []).flatMap((name) => finalizerNameErrors(name, 'spec.finalizers')),
  validateUpdate: updateErrors,
  setDefaults: labelWithName,
  prepareForCreate(object) {
    labelWithName(object);
    object.status = { phase: 'Active' };
    object.spec ??= {};
    object.spec.finalizers ??= [];
    if (!object.spec.finalizers.includes(FINALIZER)) object.spec.finalizers.push(FINALIZER);
  },
  prepareForUpdate(object, old, context) {
    if (writesStatus(context)) {
      keep(object, old, 'spec');
      return;
    }
    keep(object, old, 'status');
    if (context.subresource !== 'finalize') keep(object, old, 'spec');
  },
  selectableFields: ({ metadata, status }) => ({
    name: metadata?.name ?? '',
    'status.phase': status?.phase ?? '',
  }),
  table: {
    columns: COLUMNS['/namespaces'],
    cells: (object, now) => [object.metadata?.name, object.status?.phase ?? '', ageOf(object, now)],
  },
});

function updateErrors(
  { metadata, spec, status }: NamespaceDraft,
  _old: NamespaceDraft,
  context: StrategyContext,
): FieldError[] {
  if (context.subresource === 'finalize') return each(spec?.finalizers, 'spec.finalizers', finalizerNameErrors);
  if (!writesStatus(context)) return [];
  const deleted = metadata?.deletionTimestamp !== undefined;
  const phase = deleted ? 'Terminating' : 'Active';
  if (status?.phase === phase) return [];
  const detail = `may only be '${phase}' if \`deletionTimestamp\` is ${deleted ? 'not ' : ''}empty`;
  return [invalid('status.Phase', status?.phase ?? '', detail)];
}

function finalizerNameErrors(name: string, path: string): FieldError[] {
  return [...invalidFor(path, name, qualifiedNameErrors(name)), ...standardFinalizerErrors(name, path)];
}

/** Every namespace carries its name as a label; a client may not change it. */
function labelWithName(object: NamespaceDraft): void {
  const name = object.metadata?.name ?? '';
  if (object.metadata === undefined || name === '') return;
  object.metadata.labels = { ...object.metadata.labels, [NAME_LABEL]: name };
}
