/** How Docker objects are named and marked: as dockershim did, so that tools which know it find their way; and the site. */
import type { PodIdentity } from '../runtime.ts';

export const LABELS = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  type: 'io.kubernetes.docker.type',
  sandboxId: 'io.kubernetes.sandbox.id',
  hash: 'annotation.io.kubernetes.container.hash',
  restartCount: 'annotation.io.kubernetes.container.restartCount',
  graceSeconds: 'annotation.io.kubernetes.pod.terminationGracePeriod',
  image: 'edgesite.io/image',
  site: 'edgesite.io/site',
} as const;

/** The name that the sandbox goes by among a pod's containers. */
export const SANDBOX_NAME = 'POD';

export type DockerType = 'podsandbox' | 'container';

/** `k8s_web_web-0_default_<uid>_0` */
export function dockerName(container: string, pod: PodIdentity, attempt: number): string {
  return ['k8s', container, pod.name, pod.namespace, pod.uid, attempt].join('_');
}

export function commonLabels(
  siteId: string,
  type: DockerType,
  container: string,
  spec: { readonly pod: PodIdentity; readonly attempt: number; readonly graceSeconds: number },
): Record<string, string> {
  return {
    [LABELS.site]: siteId,
    [LABELS.type]: type,
    [LABELS.podName]: spec.pod.name,
    [LABELS.podNamespace]: spec.pod.namespace,
    [LABELS.podUid]: spec.pod.uid,
    [LABELS.containerName]: container,
    [LABELS.restartCount]: String(spec.attempt),
    [LABELS.graceSeconds]: String(spec.graceSeconds),
  };
}
