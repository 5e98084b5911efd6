export type { DmiDevices, DmiTwins } from './dmi/dmi-ports.ts';
export { DmiRefusal } from './dmi/dmi-ports.ts';
export { DmiServer } from './dmi/dmi-server.ts';
export { ModbusMapper } from './modbus/modbus-mapper.ts';
export type { DeviceSource, MappedDevice, TwinPort } from './ports.ts';
