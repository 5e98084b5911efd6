export { ApiServer } from './api-server.ts';
export type { ApiServerOptions, NetworkSettings, ReadinessCheck, ServiceAccountKeys } from './options.ts';
