export { type AddressSettings, nodeAddress } from './node-address.ts';
export { InterfaceAddress, type InterfaceAddressOptions } from './interface-address.ts';
export { iptables } from './proxy/iptables.ts';
export { prepareBridge } from './proxy/pod-bridge.ts';
export { type PodNetwork, ServiceProxy } from './proxy/service-proxy.ts';
