import { trackUpdate, type WriteContext as ApplyContext } from '../../api/apply/apply.ts';
import type { KubeObject } from '../../api/object.ts';
import { apiVersionOf, type ResourceInfo } from '../../api/resources.ts';
import { ANYTHING } from '../../api/schema.ts';
import type { KindStrategy } from '../kinds/index.ts';
import type { SchemaCatalog } from '../schema/index.ts';
import { metadataOf } from './metadata.ts';
import type { FieldOwnership, WriteContext } from './write-context.ts';

/** What a write of the object, or of its subresource, cannot change. */
export function ignoredPaths(
  info: ResourceInfo,
  { statusLeaves = [['spec']], objectLeaves }: KindStrategy,
  subresource: string,
): readonly (readonly string[])[] {
  if (subresource === 'status') return statusLeaves;
  const hasStatus = info.subresources?.some(({ name }) => name === 'status') === true;
  return objectLeaves ?? (hasStatus ? [['status']] : []);
}

/** Keeps `metadata.managedFields` true. */
export class ManagedFields implements FieldOwnership {
  readonly #schemas: SchemaCatalog;
  readonly #now: () => number;

  constructor(schemas: SchemaCatalog, now: () => number) {
    this.#schemas = schemas;
    this.#now = now;
  }

  track(next: KubeObject, previous: KubeObject | undefined, context: WriteContext): void {
    // An apply has written them already.
    if (context.applied === true) return;
    const entries = trackUpdate({ ...this.applyContext(context), before: previous, after: next });
    const metadata = metadataOf(next);
    if (entries === undefined || entries.length === 0) delete metadata.managedFields;
    else metadata.managedFields = entries;
  }

  applyContext({ served, fieldManager, subresource }: WriteContext): ApplyContext {
    const { info } = served;
    return {
      manager: fieldManager,
      apiVersion: apiVersionOf(info),
      ...(subresource === '' ? {} : { subresource }),
      schema: this.#schemas.forKind(info) ?? ANYTHING,
      schemas: this.#schemas,
      ignored: ignoredPaths(info, served.strategy, subresource),
      now: this.#now(),
    };
  }
}
