export { DeviceTwin, type DeviceTwinNeeds, type DeviceTwinOptions, type TwinBus } from './device-twin.ts';
export type { Device, Twin, TwinProperty } from './twin.ts';
