/** The request that brings a waiting write to the API, on the condition that it still means what it meant. Pure. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { ApiRequest } from '../../client/index.ts';
import type { WaitingWrite } from './waiting-write.ts';

const METHODS = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
export const APPLY = 'application/apply-patch+yaml';
const USER_AGENT = 'edgesite-metaserver';

/** Undefined while the write builds on another that has not been replayed. */
export function replayRequest(write: WaitingWrite): ApiRequest | undefined {
  const body = conditional(write);
  if (body === undefined) return undefined;
  const { verb, target, contentType, caller } = write;
  return {
    method: METHODS[verb],
    target,
    headers: { accept: 'application/json', 'content-type': contentType, 'user-agent': USER_AGENT },
    body: Buffer.from(JSON.stringify(body)),
    ...(caller === undefined ? {} : { onBehalfOf: caller }),
  };
}

/**
 * An update may only replace what its author has seen; a patch and a delete are meant for that very object, whatever
 * became of it meanwhile.
 */
function conditional(write: WaitingWrite): JsonValue | undefined {
  const { verb, basis, contentType } = write;
  const body = JSON.parse(write.body) as JsonValue;
  // An apply that found nothing means: let it be so, whoever has made it meanwhile.
  if (verb === 'create' || (basis.on === 'nothing' && contentType === APPLY)) return body;
  if (basis.on !== 'api') return undefined;
  const { uid, resourceVersion } = basis;
  if (Array.isArray(body)) return [{ op: 'test', path: '/metadata/uid', value: uid }, ...body];
  const object = isObject(body) ? body : {};
  if (verb === 'delete') return { kind: 'DeleteOptions', apiVersion: 'v1', ...object, preconditions: { uid } };
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const seen = verb === 'update' || 'resourceVersion' in metadata;
  const condition: JsonObject = { uid, ...(seen ? { resourceVersion } : {}) };
  return { ...object, metadata: { ...metadata, ...condition } };
}

/** Whether the object that is there holds what the write was to bring: it came through, only the answer was lost. */
export function cameThrough(write: WaitingWrite, current: JsonObject): boolean {
  const body = JSON.parse(write.body) as JsonValue;
  if (!isObject(body)) return false;
  const { metadata, ...rest } = body;
  const { labels = {}, annotations = {} } = isObject(metadata) ? metadata : {};
  return holdsAll(current, { ...rest, metadata: { labels, annotations } });
}

function holdsAll(current: unknown, submitted: unknown): boolean {
  if (isObject(submitted)) {
    const there = isObject(current) ? current : {};
    return Object.entries(submitted).every(([key, value]) => value === null || holdsAll(there[key], value));
  }
  if (Array.isArray(submitted)) {
    return (
      Array.isArray(current) &&
      current.length === submitted.length &&
      submitted.every((each, index) => holdsAll(current[index], each))
    );
  }
  return current === submitted;
}
