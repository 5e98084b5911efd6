import { endpointsObjectErrors, endpointsUpdateErrors } from '../discovery/endpoint-validation.ts';
import { defineKind } from '../draft.ts';
import type { EndpointsDraft } from '../models.ts';
import { NONE } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

/** Addresses shown before `+ N more...`. */
const SHOWN = 3;

export const endpoints = defineKind<EndpointsDraft>({
  validate: endpointsObjectErrors,
  validateUpdate: endpointsUpdateErrors,
  createOnUpdate: true,
  setDefaults(object) {
    for (const subset of object.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP';
  },
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  table: {
    columns: COLUMNS['/endpoints'],
    cells: (object, now) => [object.metadata?.name, endpointsText(object), ageOf(object, now)],
  },
});

function endpointsText({ subsets }: EndpointsDraft): string {
  if ((subsets ?? []).length === 0) return NONE;
  const all = (subsets ?? []).flatMap(({ ports, addresses }) => {
    if ((ports ?? []).length === 0) return (addresses ?? []).map(({ ip }) => ip ?? '');
    return (ports ?? []).flatMap(({ port }) => (addresses ?? []).map(({ ip }) => joinHostPort(ip ?? '', port ?? 0)));
  });
  const more = all.length > SHOWN ? ` + ${all.length - SHOWN} more...` : '';
  return all.slice(0, SHOWN).join(',') + more;
}

function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
