/** What one connection may ask of a server, over either version of HTTP. */
import type { SecureServerOptions } from 'node:http2';

/** All header fields of a request together: room for a long token and an impersonated user with many groups. */
export const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADER_FIELDS = 256;

/** Requests under way on one HTTP/2 connection, watches included; a client with more waits or opens another. */
const MAX_STREAMS = 500;
/** A client may take back so many requests at once, and so many a second after that (CVE-2023-44487, rapid reset). */
const STREAM_RESET_BURST = 1_000;
const STREAM_RESETS_PER_SECOND = 100;
/** Frames that break the protocol, and streams beyond the limit, until the connection is cut. */
const MAX_INVALID_FRAMES = 100;
const MAX_REJECTED_STREAMS = 100;
/** How far a body may run ahead of its reading: kube-apiserver's `resourceBody99Percentile`. */
const STREAM_WINDOW_BYTES = 256 * 1024;
/** What a connection may hold: answers under way to a slow reader count. */
const MAX_SESSION_MEGABYTES = 64;

export const HTTP2_LIMITS: SecureServerOptions = {
  settings: {
    maxConcurrentStreams: MAX_STREAMS,
    initialWindowSize: STREAM_WINDOW_BYTES,
    maxHeaderListSize: MAX_HEADER_BYTES,
    // No pushes, and no WebSockets inside of streams: upgrades use HTTP/1.1.
    enablePush: false,
    enableConnectProtocol: false,
  },
  maxHeaderListPairs: MAX_HEADER_FIELDS,
  maxSessionInvalidFrames: MAX_INVALID_FRAMES,
  maxSessionRejectedStreams: MAX_REJECTED_STREAMS,
  maxSessionMemory: MAX_SESSION_MEGABYTES,
  streamResetBurst: STREAM_RESET_BURST,
  streamResetRate: STREAM_RESETS_PER_SECOND,
};
