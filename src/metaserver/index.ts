export { API_KEYS_DOCUMENT } from './gate/api-keys.ts';
export { EdgeGate } from './gate/edge-gate.ts';
export { GATE_COLLECTIONS } from './gate/edge-roles.ts';
export type { LocalPages } from './meta-handler.ts';
export { type Endpoint, MetaServer, type MetaServerOptions } from './meta-server.ts';
