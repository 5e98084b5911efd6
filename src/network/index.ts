export { type AddressSettings, nodeAddress } from './node-address.ts';
export { ClusterDns } from './dns/cluster-dns.ts';
export { InterfaceAddress, type InterfaceAddressOptions } from './interface-address.ts';
export { iptables } from './proxy/iptables.ts';
export { prepareBridge } from './proxy/pod-bridge.ts';
export { ServiceProxy } from './proxy/service-proxy.ts';
export type { PodNetwork } from './pod-network.ts';
