export type { Declaration, DesiredValue } from './declaration.ts';
export type { DeviceEvents } from './device-events.ts';
export { DeviceTwin, type DeviceTwinNeeds, type DeviceTwinOptions, type TwinBus } from './device-twin.ts';
export type { HistoryPage, HistoryQuery } from './history.ts';
export { TwinPages } from './twin-pages.ts';
export { type Device, type Twin, TwinError, type TwinProperty, type TwinUpdate } from './twin.ts';
