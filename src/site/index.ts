export type { SiteOptions } from './ground.ts';
export { Site } from './site.ts';
