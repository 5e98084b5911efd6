export { createKubeClient } from './create-kube-client.ts';
export { HttpTransport, type HttpTransportOptions, type ServerConnection } from './http-transport.ts';
export { InProcessTransport } from './in-process-transport.ts';
export type * from './kube-client.ts';
export { loadKubeconfig } from './kubeconfig.ts';
export type * from './transport.ts';
