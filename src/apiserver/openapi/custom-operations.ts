/** Custom resources: no protobuf, no strategic merge, no watch paths of their own. */
import type { ResourceInfo } from '../../api/resources.ts';
import { operationsOf, type Operation } from './operations.ts';
import { LIST_PARAMETERS } from './parameters.ts';
import { PATCH_TYPES } from './paths.ts';

const OBJECT_TYPES = ['application/json', 'application/yaml'];
const STRATEGIC = 'application/strategic-merge-patch+json';

export function customOperationsOf(info: ResourceInfo): Operation[] {
  return operationsOf(info)
    .filter(({ action }) => action !== 'watch' && action !== 'watchlist')
    .map((operation) => ({ ...operation, ...changesOf(operation), produces: OBJECT_TYPES }));
}

function changesOf(operation: Operation): Partial<Operation> {
  switch (operation.action) {
    case 'patch':
      return { consumes: PATCH_TYPES.filter((type) => type !== STRATEGIC), codes: [200] };
    case 'list':
      return { description: operation.description.replace('list or watch', 'list') };
    case 'get':
      return { query: ['resourceVersion'] };
    case 'deletecollection':
      return { query: LIST_PARAMETERS, body: undefined };
    default:
      return { consumes: OBJECT_TYPES };
  }
}
