/** Nodes. Defaults: upstream `pkg/apis/core/v1/defaults.go`; row: printNode. */
import { nodeErrors, nodeUpdateErrors } from './node-validation.ts';
import { defineKind, type TypedTable } from '../draft.ts';
import type { NodeDraft } from '../models.ts';
import { keep, writesStatus } from '../status-rules.ts';
import { NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';
const UNKNOWN = '<unknown>';

const table: TypedTable<NodeDraft> = {
  columns: COLUMNS['/nodes'],
  cells(node, now) {
    const info = node.status?.nodeInfo;
    return [
      node.metadata?.name,
      statusText(node),
      rolesText(node),
      ageOf(node, now),
      info?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      orUnknown(info?.osImage),
      kernelText(node),
      orUnknown(info?.containerRuntimeVersion),
    ];
  },
};

export const node = defineKind<NodeDraft>({
  validate: nodeErrors,
  validateUpdate: nodeUpdateErrors,
  setDefaults({ status }) {
    if (status?.capacity !== undefined) status.allocatable ??= { ...status.capacity };
  },
  prepareForUpdate(object, old, context) {
    keep(object, old, writesStatus(context) ? 'spec' : 'status');
  },
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
  table,
});

function statusText({ spec, status }: NodeDraft): string {
  const ready = (status?.conditions ?? []).filter(({ type }) => type === 'Ready').at(-1);
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesText({ metadata }: NodeDraft): string {
  const roles = Object.entries(metadata?.labels ?? {}).map(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX)) return key.slice(ROLE_PREFIX.length);
    return key === ROLE_LABEL ? (value ?? '') : '';
  });
  const named = [...new Set(roles)].filter((role) => role !== '').sort();
  return named.length === 0 ? NONE : named.join(',');
}

function addressOf({ status }: NodeDraft, type: string): string {
  return (status?.addresses ?? []).find((address) => address.type === type)?.address ?? NONE;
}

function kernelText({ status }: NodeDraft): string {
  const { kernelVersion = '', architecture = '' } = status?.nodeInfo ?? {};
  if (kernelVersion === '') return UNKNOWN;
  return architecture === '' ? kernelVersion : `${kernelVersion} (${architecture})`;
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === '' ? UNKNOWN : text;
}
