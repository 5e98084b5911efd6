/** Which headers go on to a backend, and which of its answer come back. */
import type { ApiRequest, ApiResponse } from '../../client/index.ts';

/** What concerns one connection only (RFC 9110, 7.6.1). */
const HOP_HEADERS = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
/** What a client says to the API server alone. */
const OWN_HEADERS = new Set(['authorization', 'content-length', 'cookie', 'host']);
/** What says that the connection is to switch protocols. */
const UPGRADE_HEADERS = new Set(['connection', 'upgrade']);
/** By whom or for whom it is asked: that is for the API server to say. */
const CALLER_HEADERS = /^(impersonate|x-remote)-/;

/** The client's headers without those for the API server itself: its credentials never reach a node or a pod. */
export function handedOn(request: ApiRequest, upgrade: boolean): Record<string, string> {
  const handed = (name: string): boolean =>
    !OWN_HEADERS.has(name) &&
    !CALLER_HEADERS.test(name) &&
    (!HOP_HEADERS.has(name) || (upgrade && UPGRADE_HEADERS.has(name)));
  return Object.fromEntries(Object.entries(request.headers).filter(([name]) => handed(name)));
}

export function withoutHopHeaders(answer: ApiResponse): ApiResponse {
  const headers = Object.entries(answer.headers).filter(([name]) => !HOP_HEADERS.has(name));
  return { ...answer, headers: Object.fromEntries(headers) };
}
