export { DEVICE_CONVERTERS } from './conversion/index.ts';
