export { MetaServer, type MetaServerOptions } from './meta-server.ts';
