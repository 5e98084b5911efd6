/** Values as Go writes its own structs into messages: every field of the internal type, by its Go name, nothing left out. */
import type { PodSpecDraft } from '../models.ts';
import { GO_TYPES } from './go-types.ts';

const FIELD = /^(\w+?)(\[\])?(!)?(?:=(.*?))?(?::(\w+))?$/;

/** A wire value of `type` in Go's own form, ready for `JSON.stringify`. */
export function goDump(value: unknown, type: string): unknown {
  if (typeof value !== 'object' || value === null) return null;
  const members = (type === 'PodSpec' ? withSharedSettings(value) : value) as Record<string, unknown>;
  const dump: Record<string, unknown> = {};
  for (const text of (GO_TYPES[type] ?? '').split(' ')) {
    const [, name = '', list, always, zero, inner] = FIELD.exec(text) ?? [];
    const member = members[wireName(name)];
    if (member === undefined || member === null) {
      dump[name] =
        always === undefined ? (zero === undefined ? null : (JSON.parse(zero) as unknown)) : goDump({}, inner ?? '');
    } else if (inner === undefined) dump[name] = member;
    else if (list === undefined) dump[name] = goDump(member, inner);
    else dump[name] = (member as unknown[]).map((item) => goDump(item, inner));
  }
  return dump;
}

/** Go's internal spec keeps what a pod shares with its host among the security settings. */
function withSharedSettings(spec: PodSpecDraft): PodSpecDraft {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers, securityContext } = spec;
  const shared = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers };
  return {
    ...spec,
    securityContext: { ...securityContext, ...shared },
  };
}

const WIRE_NAMES: Readonly<Record<string, string>> = {
  APIGroup: 'apiGroup',
  APIGroups: 'apiGroups',
  CEL: 'cel',
  SELinuxOptions: 'seLinuxOptions',
  SELinuxChangePolicy: 'seLinuxChangePolicy',
  FSGroup: 'fsGroup',
  FSGroupChangePolicy: 'fsGroupChangePolicy',
  DNSPolicy: 'dnsPolicy',
  DNSConfig: 'dnsConfig',
  OS: 'os',
  TTY: 'tty',
  HostIP: 'hostIP',
  IP: 'ip',
  FC: 'fc',
  NFS: 'nfs',
  RBD: 'rbd',
  CSI: 'csi',
  GRPC: 'grpc',
  ISCSI: 'iscsi',
  CephFS: 'cephfs',
  IQN: 'iqn',
  FSType: 'fsType',
  ISCSIInterface: 'iscsiInterface',
  DiscoveryCHAPAuth: 'chapAuthDiscovery',
  SessionCHAPAuth: 'chapAuthSession',
  GCEPersistentDisk: 'gcePersistentDisk',
  AWSElasticBlockStore: 'awsElasticBlockStore',
  StorageOS: 'storageos',
  HTTPGet: 'httpGet',
  HTTPHeaders: 'httpHeaders',
  TCPSocket: 'tcpSocket',
  APIVersion: 'apiVersion',
  UID: 'uid',
  GMSACredentialSpecName: 'gmsaCredentialSpecName',
  GMSACredentialSpec: 'gmsaCredentialSpec',
};

function wireName(name: string): string {
  return WIRE_NAMES[name] ?? name.charAt(0).toLowerCase() + name.slice(1);
}
