/**
 * The wire below every client: one request of the Kubernetes API, whichever way it travels.
 * `HttpTransport` sends it to any kube-apiserver; `InProcessTransport` hands it to the embedded one without a socket.
 */
import type { Duplex } from 'node:stream';
import type { Caller } from '../api/caller.ts';

export type { Caller };

export interface ApiRequest {
  readonly method: string;
  /** Path and query as they stand in the request line: `/api/v1/pods?limit=5`. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Whom the request speaks for, where that is somebody else than its sender, who must be allowed to impersonate. */
  readonly onBehalfOf?: Caller;
}

export interface ApiResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Whole for short answers; a stream for watches, logs and long lists. Ending the iteration cancels the request. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** A connection that has switched protocols (exec, attach, port-forward). */
export interface UpgradedConnection {
  /** The headers of the `101 Switching Protocols` answer. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly socket: Duplex;
  /** Bytes that came behind the answer. */
  readonly head: Uint8Array;
}

export interface ApiTransport {
  /** Rejects with a StatusError (`ServiceUnavailable`) when no server answers; an error answer of the server resolves. */
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** Asks for another protocol; resolves to the plain answer where the server refuses. */
  upgrade(request: ApiRequest, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse>;
}

/** The embedded API server as the in-process transport sees it. Error answers resolve, as over HTTP. */
export interface ApiHandler {
  handle(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<ApiResponse>;
  upgrade(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse>;
}
