export type {
  HttpAnswer,
  HttpHandler,
  HttpHeaders,
  HttpRequest,
  Peer,
  PeerCertificate,
  RawUpgrade,
} from './exchange.ts';
export { HttpServer, type HttpServerOptions, type TlsMaterial } from './server.ts';
export { answerUpgrade, type UpgradedEnd } from './upgrade.ts';
export { DEFAULT_WATCH_QUEUE, WatchStream, type WatchQueueLimits } from './watch-stream.ts';
export { peerCertificate } from './peer.ts';
export { type OutgoingRequest, request } from './request.ts';
