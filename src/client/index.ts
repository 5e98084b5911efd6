export { byteLines } from './byte-lines.ts';
export { createKubeClient } from './create-kube-client.ts';
export { discoverResources } from './discover-resources.ts';
export { type EventOptions, EventRecorder, type EventRecorderOptions } from './event-recorder.ts';
export { HttpTransport, type HttpTransportOptions, type ServerConnection } from './http-transport.ts';
export { InProcessTransport } from './in-process-transport.ts';
export { type Change, type ChangeHandler, Informer, type InformerOptions, type SnapshotPort } from './informer.ts';
export { InformerSet, type InformerSetOptions, type InformerView } from './informer-set.ts';
export type * from './kube-client.ts';
export { loadKubeconfig } from './kubeconfig.ts';
export type { IndexDefinition, ObjectLookup } from './object-index.ts';
export {
  type Action,
  type Executors,
  type Plan,
  Reconciler,
  type ReconcilerTools,
  type Reconciliation,
} from './reconciler.ts';
export { targetOf, unlessGone } from './targets.ts';
export type * from './transport.ts';
export { writeThrough } from './write-through.ts';
