/** What devices send, read strictly. Pure. */
import { type PropertyUpdate, TwinError, type TwinUpdate } from './twin.ts';

export interface Request {
  readonly eventId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const STATES = ['online', 'offline', 'ok', 'unknown', 'unhealthy'];
const UNREADABLE = 'Unmarshal update request body failed, please check the request';

/** Throws TwinError where it is no JSON object. An `event_id` that is no text counts as none. */
export function readRequest(payload: Uint8Array): Request {
  const body = parsed(payload);
  if (!isObject(body)) throw new TwinError(400, UNREADABLE);
  return { eventId: typeof body['event_id'] === 'string' ? body['event_id'] : '', body };
}

export function readTwinUpdate({ body }: Request): TwinUpdate {
  const twin = body['twin'];
  if (twin === undefined || twin === null) throw new TwinError(400, 'Update twin error, key:twin does not exist');
  if (!isObject(twin)) throw new TwinError(400, UNREADABLE);
  return Object.fromEntries(Object.entries(twin).map(([key, value]) => [key, readProperty(value)]));
}

export function readState({ body }: Request): string {
  const state = typeof body['state'] === 'string' ? body['state'].toLowerCase() : '';
  if (!STATES.includes(state)) throw new TwinError(400, `the state must be one of ${STATES.join(', ')}`);
  return state;
}

function readProperty(value: unknown): PropertyUpdate | null {
  if (value === null) return null;
  if (!isObject(value)) throw new TwinError(400, UNREADABLE);
  const { optional, metadata } = value;
  const type = isObject(metadata) ? metadata['type'] : undefined;
  if (!isAbsent(optional) && typeof optional !== 'boolean') throw new TwinError(400, UNREADABLE);
  if (!isAbsent(metadata) && !isObject(metadata)) throw new TwinError(400, UNREADABLE);
  if (!isAbsent(type) && typeof type !== 'string') throw new TwinError(400, UNREADABLE);
  return {
    ...side('actual', value['actual']),
    ...side('expected', value['expected']),
    ...(typeof optional === 'boolean' ? { optional } : {}),
    ...(typeof type === 'string' ? { metadata: { type } } : {}),
  };
}

function side(name: 'actual' | 'expected', value: unknown): Pick<PropertyUpdate, 'actual' | 'expected'> {
  if (isAbsent(value)) return {};
  if (!isObject(value) || typeof value['value'] !== 'string') throw new TwinError(400, UNREADABLE);
  return { [name]: { value: value['value'] } };
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString()) as unknown;
  } catch {
    return undefined;
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
