/** Refusal of an apply that would change what others own, worded as upstream. */
import { StatusError } from '../status-error.ts';
import { FieldSet, pathText } from './field-set.ts';
import { type Manager, managerId } from './managers.ts';

/** One manager and the fields of it that would change. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

export class ApplyConflict extends StatusError {
  readonly conflicts: readonly Conflict[];

  constructor(conflicts: readonly Conflict[]) {
    const sorted = [...conflicts].sort((a, b) => (managerId(a.manager) < managerId(b.manager) ? -1 : 1));
    const found = sorted.flatMap(({ manager, fields }) =>
      [...fields.paths()].map((path) => ({ manager: managerText(manager), field: pathText(path) })),
    );
    const causes = found.map(({ manager, field }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${manager}`,
      field,
    }));
    super('Conflict', conflictText(found), { details: { causes } });
    this.conflicts = conflicts;
  }
}

function conflictText(found: readonly { readonly manager: string; readonly field: string }[]): string {
  const [first] = found;
  if (found.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`;
  }
  const byManager = Map.groupBy(found, ({ manager }) => manager);
  const lines = [...byManager].flatMap(([manager, fields]) => [
    `conflicts with ${manager}:`,
    ...fields.map(({ field }) => `- ${field}`),
  ]);
  return `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`;
}

function managerText({ name, operation, apiVersion, subresource }: Manager): string {
  const quoted = JSON.stringify(name);
  const text = subresource === '' ? quoted : `${quoted} with subresource ${JSON.stringify(subresource)}`;
  return operation === 'Update' ? `${text} using ${apiVersion}` : text;
}
