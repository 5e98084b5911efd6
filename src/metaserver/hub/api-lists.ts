import { StatusError } from '../../api/status-error.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ApiResponse, ApiTransport } from '../../client/index.ts';
import { type Scope, storedFrom } from '../../edgestore/index.ts';
import { targetOf } from '../request-info.ts';
import { bodyText, statusOf } from '../upstream-answer.ts';
import type { Listing } from './topic-event.ts';

/** A list is waited for this long; slow links bring long ones. */
const LIST_TIMEOUT_MS = 30_000;
/** A collection beyond it is not held in memory: its watches pass one by one. */
export const MAX_TOPIC_BYTES = 64 * 1024 * 1024;

/** Throws what the API server answered, RequestEntityTooLarge for a list beyond the limit. */
export async function fetchListing(
  transport: ApiTransport,
  scope: Scope,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Listing> {
  const response = await fetchList(transport, scope, query, signal);
  const text = await bodyText(response.body, MAX_TOPIC_BYTES);
  if (text === undefined) throw tooLarge(scope);
  const { kind = '', apiVersion = '', metadata, items } = JSON.parse(text) as KubeObject & { items?: KubeObject[] };
  const itemKind = kind.replace(/List$/, '');
  // Items of built-in lists do not say what they are.
  const objects = (items ?? []).map((item) => storedFrom({ kind: itemKind, apiVersion, ...item }));
  return { resourceVersion: metadata?.resourceVersion ?? '', listKind: kind, objects };
}

export function tooLarge({ collection }: Scope): StatusError {
  return new StatusError('RequestEntityTooLarge', `the list of ${collection.plural} is too long to be shared`);
}

/** At which revision the API server is now. */
export async function fetchRevision(transport: ApiTransport, scope: Scope, signal: AbortSignal): Promise<string> {
  const { body } = await fetchList(transport, scope, { limit: '1' }, signal);
  const { metadata } = JSON.parse((await bodyText(body, MAX_TOPIC_BYTES)) ?? '{}') as KubeObject;
  return metadata?.resourceVersion ?? '';
}

async function fetchList(
  transport: ApiTransport,
  scope: Scope,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const request = { method: 'GET', target: targetOf(scope, query), headers: { accept: 'application/json' } };
  const response = await transport.send(request, AbortSignal.any([signal, AbortSignal.timeout(LIST_TIMEOUT_MS)]));
  if (response.status !== 200) throw await statusOf(response);
  return response;
}
