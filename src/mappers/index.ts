export { ModbusMapper } from './modbus/modbus-mapper.ts';
export type { DeviceSource, MappedDevice, TwinPort } from './ports.ts';
