export { minimalConfig, referenceTable, sampleConfig } from './describe.ts';
export { loadConfig, modulesOf, nodeNameOf, usesExternalApi, type ConfigSources } from './load.ts';
export { MODULES, type ModuleName, type SiteConfig } from './schema.ts';
