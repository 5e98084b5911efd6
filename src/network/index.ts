export { type AddressSettings, nodeAddress } from './node-address.ts';
