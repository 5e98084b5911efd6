/** Claims, volumes and classes for tests. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../src/api/kinds.ts';

type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;
type VolumeSpec = NonNullable<PersistentVolume['spec']>;

export interface Changes<S> {
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly deletionTimestamp?: string;
  readonly spec?: Partial<S>;
  readonly status?: object;
}

export function claimOf(name: string, size: string, changes: Changes<ClaimSpec> = {}): PersistentVolumeClaim {
  const { spec, status, ...metadata } = changes;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec },
    status: { phase: 'Pending', ...status },
  };
}

export function volumeOf(name: string, size: string, changes: Changes<VolumeSpec> = {}): PersistentVolume {
  const { spec, status, ...metadata } = changes;
  const base = { accessModes: ['ReadWriteOnce'], capacity: { storage: size }, hostPath: { path: `/${name}` } };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, uid: `uid-${name}`, ...metadata },
    spec: { ...base, ...spec },
    status: { phase: 'Available', ...status },
  };
}

export function classOf(name: string, changes: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'example.com/disks',
    volumeBindingMode: 'Immediate',
    ...changes,
  };
}

/** The reference by which a volume names a claim. */
export function referenceTo({ metadata }: PersistentVolumeClaim): NonNullable<VolumeSpec['claimRef']> {
  const { name = '', namespace = '', uid = '' } = metadata ?? {};
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid };
}

/** A volume of the node by its name. */
export function onNode(name: string): Partial<VolumeSpec> {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }];
  return { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } };
}
