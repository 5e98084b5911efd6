/** The annotation of client-side apply, which `kubectl apply --server-side` takes over and keeps in step. */
import { isObject, type JsonObject } from '../json.ts';
import type { KubeObject } from '../object.ts';
import type { Schema } from '../schema.ts';
import { FieldSet } from './field-set.ts';
import type { Fields } from './fields.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What client-side apply wrote and still stands: kubectl may overwrite it without conflict. */
export function lastAppliedFields(live: JsonObject, fields: Fields, schema: Schema): FieldSet {
  const text = (live as KubeObject).metadata?.annotations?.[LAST_APPLIED];
  const config = text === undefined ? undefined : parsed(text);
  if (config === undefined) return FieldSet.empty;
  const { added, modified, removed } = fields.compare(config, live, schema);
  return fields.claimed(config, schema).difference(modified).difference(added).difference(removed);
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes the applied configuration into the annotation of `object`, where the live object has one. */
export function withLastApplied(object: KubeObject, live: KubeObject, patch: KubeObject): void {
  if (live.metadata?.annotations?.[LAST_APPLIED] === undefined) return;
  const { [LAST_APPLIED]: _, ...annotations } = patch.metadata?.annotations ?? {};
  const metadata = { ...patch.metadata, ...(patch.metadata?.annotations === undefined ? {} : { annotations }) };
  const text = `${JSON.stringify({ ...patch, metadata })}\n`;
  object.metadata = { ...object.metadata, annotations: { ...object.metadata?.annotations, [LAST_APPLIED]: text } };
}
