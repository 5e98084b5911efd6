/** Pods and worlds for tests, with what matters to the test put in. */
import type { Container, Pod, PodSpec } from '../../src/api/kinds.ts';
import { limitsOf } from '../../src/edged/pods/runtime-specs.ts';
import { containerHash } from '../../src/edged/pods/container-hash.ts';
import { NOTHING_OBSERVED } from '../../src/edged/pods/observation.ts';
import type { PodWorld } from '../../src/edged/pods/pod-world.ts';
import type { ObservedContainer, ObservedSandbox, ObservedState } from '../../src/edged/runtime.ts';

export const NOW = Date.parse('2026-11-21T12:00:00Z');
export const UID = '6f9c1e6a-0000-4000-8000-000000000001';

export function container(name: string, changes: Partial<Container> = {}): Container {
  return { name, image: 'busybox:1', ...changes };
}

export function podOf(spec: Partial<PodSpec> = {}, changes: Partial<Pod> = {}): Pod {
  const containers = spec.containers ?? [container('main')];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'web', uid: UID, generation: 1 },
    spec: { nodeName: 'edge-node', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec, containers },
    ...changes,
  };
}

export function deleted(pod: Pod, graceSeconds = 30, at = NOW): Pod {
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionGracePeriodSeconds: graceSeconds,
      deletionTimestamp: new Date(at + graceSeconds * 1000).toISOString(),
    },
  };
}

export function sandbox(attempt = 0, state: ObservedState = { kind: 'running', startedAt: NOW }): ObservedSandbox {
  const pod = { namespace: 'default', name: 'web', uid: UID };
  return {
    kind: 'sandbox',
    id: `sandbox-${attempt}`,
    pod,
    attempt,
    createdAt: NOW,
    state,
    graceSeconds: 30,
    ips: ['10.1.0.2'],
  };
}

export function seen(name: string, state: ObservedState, changes: Partial<ObservedContainer> = {}): ObservedContainer {
  const attempt = changes.attempt ?? 0;
  return {
    kind: 'container',
    id: `${name}-${attempt}`,
    pod: { namespace: 'default', name: 'web', uid: UID },
    name,
    attempt,
    createdAt: NOW,
    graceSeconds: 30,
    sandboxId: 'sandbox-0',
    hash: containerHash(container(name)),
    image: 'busybox:1',
    imageId: 'sha256:1',
    limits: limitsOf(container(name)),
    state,
    ...changes,
  };
}

export function runningSince(startedAt = NOW): ObservedState {
  return { kind: 'running', startedAt };
}

export function exited(exitCode: number, finishedAt = NOW): ObservedState {
  return { kind: 'exited', startedAt: finishedAt - 1000, finishedAt, exitCode, oomKilled: false, error: '' };
}

export function worldOf(changes: Partial<PodWorld> = {}): PodWorld {
  return {
    observed: NOTHING_OBSERVED,
    volumes: 'ready',
    renewVolumesAt: Number.POSITIVE_INFINITY,
    problems: new Map(),
    crashes: new Map(),
    probes: new Map(),
    inFlight: new Map(),
    announced: new Set(),
    terminationMessages: new Map(),
    resized: new Map(),
    startedAt: NOW,
    released: false,
    maxDeadContainers: 1,
    ...changes,
  };
}
