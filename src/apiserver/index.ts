export { ApiServer } from './api-server.ts';
export { builtInKinds } from './built-in-kinds.ts';
export { backendDialer, type KubeletCredentials } from './nodeproxy/backend-dialer.ts';
export type { AuditOptions } from './audit/open-auditor.ts';
export type { ApiServerOptions, NetworkSettings, ReadinessCheck, ServiceAccountKeys } from './options.ts';
