export type * from './kube-client.ts';
export type * from './transport.ts';
