/** Namespaces: upstream `pkg/registry/core/namespace/strategy.go`. */
import { dns1123LabelErrors } from '../../../api/names.ts';
import { defineKind } from '../draft.ts';
import type { NamespaceDraft } from '../models.ts';
import { keep, writesStatus } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';
const FINALIZER = 'kubernetes';

export const namespace = defineKind<NamespaceDraft>({
  nameErrors: dns1123LabelErrors,
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

/** Every namespace carries its name as a label; a client may not change it. */
function labelWithName(object: NamespaceDraft): void {
  const name = object.metadata?.name ?? '';
  if (object.metadata === undefined || name === '') return;
  object.metadata.labels = { ...object.metadata.labels, [NAME_LABEL]: name };
}
