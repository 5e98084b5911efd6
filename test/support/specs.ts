/** Specifications of sandboxes and containers for tests, with what matters to the test put in. */
import type { ContainerSpec, PodIdentity, SandboxSpec } from '../../src/edged/runtime.ts';

export function podIdentity(uid: string): PodIdentity {
  return { namespace: 'default', name: 'web', uid };
}

export function sandboxSpec(pod: PodIdentity, changes: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    pod,
    attempt: 0,
    graceSeconds: 1,
    hostname: pod.name,
    network: 'pod',
    ports: [],
    hostPid: false,
    hostIpc: false,
    sysctls: {},
    cgroupParent: '',
    ...changes,
  };
}

export function containerSpec(pod: PodIdentity, changes: Partial<ContainerSpec>): ContainerSpec {
  return {
    pod,
    name: 'main',
    attempt: 0,
    graceSeconds: 1,
    hash: 'abc',
    sandboxId: '',
    image: '',
    imageId: '',
    command: [],
    args: [],
    env: [],
    workingDir: '',
    mounts: [],
    limits: { cpuShares: 2, cpuQuota: 0, memoryBytes: 0, oomScoreAdj: 1000 },
    security: {
      privileged: false,
      readOnlyRootFilesystem: false,
      addCapabilities: [],
      dropCapabilities: [],
      selinux: [],
      noNewPrivileges: false,
      user: '',
      supplementalGroups: [],
      unmaskedProc: false,
    },
    pid: 'own',
    cgroupParent: '',
    tty: false,
    stdin: false,
    stdinOnce: false,
    ...changes,
  };
}
