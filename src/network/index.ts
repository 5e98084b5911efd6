export { type AddressSettings, nodeAddress } from './node-address.ts';
export { InterfaceAddress, type InterfaceAddressOptions } from './interface-address.ts';
