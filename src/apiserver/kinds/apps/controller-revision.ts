import { controllerRevisionErrors, controllerRevisionUpdateErrors } from './controller-revision-validation.ts';
import { defineKind } from '../draft.ts';
import type { ControllerRevisionDraft } from '../models.ts';
import { NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

export const controllerRevision = defineKind<ControllerRevisionDraft>({
  validate: controllerRevisionErrors,
  validateUpdate: controllerRevisionUpdateErrors,
  table: {
    columns: COLUMNS['apps/controllerrevisions'],
    cells: (object, now) => [object.metadata?.name, controllerText(object), object.revision ?? 0, ageOf(object, now)],
  },
});

/** `statefulset.apps/web` */
function controllerText({ metadata }: ControllerRevisionDraft): string {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return NONE;
  const [group] = (owner.apiVersion ?? '').includes('/') ? (owner.apiVersion ?? '').split('/') : [''];
  const kind = (owner.kind ?? '').toLowerCase();
  return `${group === '' ? kind : `${kind}.${group}`}/${owner.name}`;
}
