import type { EndpointSlice } from '../api/kinds.ts';
import { joinKey } from '../api/object.ts';
import type { IndexDefinition } from '../client/index.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** Slices by `namespace/name` of their service. */
export const SLICES_OF_SERVICE: IndexDefinition<EndpointSlice> = {
  name: 'service',
  valuesOf: ({ metadata }) => {
    const service = metadata?.labels?.[SERVICE_NAME];
    return service === undefined ? [] : [joinKey(metadata?.namespace, service)];
  },
};

/** A slice of no endpoints may hold null in their place, as programs in Go write it. */
export function endpointsOf({ endpoints }: EndpointSlice): NonNullable<EndpointSlice['endpoints']> {
  return endpoints ?? [];
}
