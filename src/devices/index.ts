export { DEVICE_CONVERTERS } from './conversion/index.ts';
export { DeviceController, type DeviceControllerNeeds } from './device-controller.ts';
