/** Defaults of pods and pod templates: upstream `pkg/apis/core/v1/defaults.go`. */
import type { PodDraft, PodSpecDraft, PodTemplateSpecDraft } from '../models.ts';
import { setContainerDefaults, setHostPortDefaults, setRequestDefaults } from './container-defaults.ts';
import { setPodLevelDefaults } from './pod-level-defaults.ts';
import { setVolumeDefaults } from './volume-defaults.ts';

const GRACE_PERIOD_SECONDS = 30;

export function setPodDefaults(pod: PodDraft): void {
  pod.spec ??= {};
  const { spec } = pod;
  setPodSpecDefaults(spec);
  if (pod.status !== undefined) mirrorAddress(pod.status);
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    setRequestDefaults(container);
    if (spec.hostNetwork === true) setHostPortDefaults(container);
  }
  setPodLevelDefaults(spec);
}

/** Templates are defaulted less than pods: what depends on the whole pod waits until there is one. */
export function setPodTemplateDefaults(template: PodTemplateSpecDraft | undefined): void {
  if (template?.spec !== undefined) setPodSpecDefaults(template.spec);
}

function setPodSpecDefaults(spec: PodSpecDraft): void {
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.restartPolicy ??= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= GRACE_PERIOD_SECONDS;
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1;
  spec.schedulerName ??= 'default-scheduler';
  mirrorServiceAccount(spec);
  for (const containers of [spec.initContainers, spec.containers, spec.ephemeralContainers]) {
    for (const container of containers ?? []) setContainerDefaults(container);
  }
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
}

/** `serviceAccount` is the old name of `serviceAccountName`; both are served. */
function mirrorServiceAccount(spec: PodSpecDraft): void {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  if (name === undefined) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** `podIP` is the first of `podIPs`; where they differ, the old field is right. */
function mirrorAddress(status: NonNullable<PodDraft['status']>): void {
  const { podIP } = status;
  if (podIP !== undefined && status.podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }];
  const first = status.podIPs?.[0]?.ip;
  if (first !== undefined) status.podIP = first;
}
