import { trackUpdate, type WriteContext as ApplyContext } from '../../api/apply/apply.ts';
import type { KubeObject } from '../../api/object.ts';
import { apiVersionOf } from '../../api/resources.ts';
import { ANYTHING } from '../../api/schema.ts';
import type { SchemaCatalog } from '../schema/index.ts';
import { metadataOf } from './metadata.ts';
import type { FieldOwnership, WriteContext } from './write-context.ts';

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
    const hasStatus = info.subresources?.some(({ name }) => name === 'status') === true;
    const { statusLeaves = [['spec']], objectLeaves = hasStatus ? [['status']] : [] } = served.strategy;
    const ignored = subresource === 'status' ? statusLeaves : objectLeaves;
    return {
      manager: fieldManager,
      apiVersion: apiVersionOf(info),
      ...(subresource === '' ? {} : { subresource }),
      schema: this.#schemas.forKind(info) ?? ANYTHING,
      schemas: this.#schemas,
      ignored,
      now: this.#now(),
    };
  }
}
