/** EndpointSlices. Rules: upstream `pkg/registry/discovery/endpointslice/strategy.go`. */
import { emptyAsNull } from '../empty-lists.ts';
import { endpointSliceErrors, endpointSliceUpdateErrors } from './endpoint-validation.ts';
import { equalJson } from '../../../api/json.ts';
import { defineKind } from '../draft.ts';
import type { EndpointSliceDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const SHOWN = 3;
const UNSET = '<unset>';

export const endpointSlice = defineKind<EndpointSliceDraft>({
  validate: endpointSliceErrors,
  validateUpdate: endpointSliceUpdateErrors,
  setDefaults(object) {
    emptyAsNull(object, 'endpoints', 'ports');
    for (const port of object.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  prepareForCreate(object) {
    object.metadata ??= {};
    object.metadata.generation = 1;
  },
  prepareForUpdate(object, old) {
    const changed = !equalJson(withoutMeta(object), withoutMeta(old));
    object.metadata ??= {};
    object.metadata.generation = (old.metadata?.generation ?? 0) + (changed ? 1 : 0);
  },
  table: {
    columns: COLUMNS['discovery.k8s.io/endpointslices'],
    cells: (object, now) => [
      object.metadata?.name,
      object.addressType ?? '',
      shown(
        (object.ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? '') : String(port))),
        '*',
      ),
      shown((object.endpoints ?? []).flatMap(({ addresses }) => addresses ?? [])),
      ageOf(object, now),
    ],
  },
});

/** What moves the generation: the object and its labels, not its other metadata. */
function withoutMeta({ metadata, ...rest }: EndpointSliceDraft): object {
  return { ...rest, labels: metadata?.labels };
}

/** The first few, or `<unset>`. An empty text stands for any. */
function shown(items: readonly string[], any = ''): string {
  if (items.length === 0) return UNSET;
  const texts = items.slice(0, SHOWN).map((item) => (item === '' ? any : item));
  return texts.join(',') + (items.length > SHOWN ? ` + ${items.length - SHOWN} more...` : '');
}
