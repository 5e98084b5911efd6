export { DEVICE_CONVERTERS } from './conversion/index.ts';
export type { AttachedDevice, AttachedDevices } from './attached-devices.ts';
export { DeviceController, type DeviceControllerNeeds } from './device-controller.ts';
export { DevicePusher } from './push/device-pusher.ts';
export { DeviceProfiles } from './profile/device-profiles.ts';
