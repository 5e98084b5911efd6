export { minimalConfig, referenceTable, sampleConfig } from './describe.ts';
export { loadConfig, modulesOf, nodeNameOf, usesExternalApi, type ConfigSources } from './load.ts';
export { CLUSTER_MODULES, MODULES, type ModuleName, type SiteConfig } from './schema.ts';
