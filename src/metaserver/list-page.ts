/** Pages of a list out of the edge store: the semantics of apiserver's `limit`, `continue` and `resourceVersion`. Pure. */
import { badRequest, StatusError } from '../api/status-error.ts';
import { compareRevisions, type StoredObject } from '../edgestore/index.ts';

export interface Page {
  readonly objects: readonly StoredObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

interface ContinueToken {
  readonly rv: string;
  /** `namespace/name` of the last object sent. */
  readonly after: string;
}

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';

/** `objects` in order of namespace and name; `known` is the revision they are known at. */
export function pageOf(objects: readonly StoredObject[], known: string, query: URLSearchParams): Page {
  assertRevision(known, query);
  const token = query.get('continue') ?? '';
  const start = token === '' ? 0 : startAfter(objects, readToken(token), known);
  const limit = readLimit(query);
  const page = limit === 0 ? objects.slice(start) : objects.slice(start, start + limit);
  const last = page.at(-1);
  const remaining = objects.length - start - page.length;
  if (remaining === 0 || last === undefined) return { objects: page, resourceVersion: known };
  const next = writeToken({ rv: known, after: keyOf(last) });
  const selects = (query.get('labelSelector') ?? '') + (query.get('fieldSelector') ?? '') !== '';
  const count = selects ? {} : { remainingItemCount: remaining };
  return { objects: page, resourceVersion: known, continue: next, ...count };
}

/** A store cannot show what it has not seen yet, nor what it has seen no more. */
function assertRevision(known: string, query: URLSearchParams): void {
  const asked = query.get('resourceVersion') ?? '';
  if (asked === '' || asked === '0') return;
  if (!/^\d+$/.test(asked))
    throw badRequest(`Invalid value: ${JSON.stringify(asked)}: resource version must be a number`);
  const lead = compareRevisions(asked, known);
  if (lead > 0) throw tooLarge(asked, known);
  if (lead < 0 && query.get('resourceVersionMatch') === 'Exact') throw new StatusError('Expired', EXPIRED);
}

function tooLarge(asked: string, known: string): StatusError {
  return new StatusError('Timeout', `Too large resource version: ${asked}, current: ${known}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

function startAfter(objects: readonly StoredObject[], token: ContinueToken | undefined, known: string): number {
  // A token of the API server, or of another state of the store: the client starts over.
  if (token === undefined || token.rv !== known) throw new StatusError('Expired', EXPIRED);
  const index = objects.findIndex((object) => keyOf(object) > token.after);
  return index < 0 ? objects.length : index;
}

function readLimit(query: URLSearchParams): number {
  const text = query.get('limit') ?? '';
  if (text === '') return 0;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`limit: "${text}" is not a whole number`);
  return Number(text);
}

/** Sorts as the store does: by namespace, then by name. */
function keyOf(object: StoredObject): string {
  return `${object.namespace}\0${object.name}`;
}

function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ edge: 1, ...token })).toString('base64url');
}

function readToken(text: string): ContinueToken | undefined {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString()) as Partial<ContinueToken> & { edge?: number };
    if (token.edge !== 1 || typeof token.rv !== 'string' || typeof token.after !== 'string') return undefined;
    return { rv: token.rv, after: token.after };
  } catch {
    return undefined;
  }
}
