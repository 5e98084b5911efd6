export { Site, type SiteOptions } from './site.ts';
