import type { Container, Job, Pod } from '../../api/kinds.ts';
import { controllerReference } from '../ownership/claim.ts';
import { generateNameOf, podFromTemplate } from '../pods/pod-from-template.ts';
import { JOBS } from '../runtime/resources.ts';
import { COMPLETION_INDEX, TRACKING_FINALIZER } from './job-state.ts';

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';

/** A pod of the job; of an indexed one it knows its index by annotation, label, host name and environment. */
export function podOfJob(job: Job, index: number | undefined): Pod {
  const pod = podFromTemplate(job.spec?.template, controllerReference(job, JOBS), generateNameOf(job));
  const finalizers = [...(pod.metadata?.finalizers ?? []), TRACKING_FINALIZER];
  const tracked: Pod = { ...pod, metadata: { ...pod.metadata, finalizers } };
  return index === undefined ? tracked : indexed(tracked, job, index);
}

function indexed(pod: Pod, job: Job, index: number): Pod {
  const spec = pod.spec ?? { containers: [] };
  const mark = { [COMPLETION_INDEX]: String(index) };
  const { labels, annotations } = pod.metadata ?? {};
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: `${job.metadata?.name}-${index}-`,
      labels: { ...labels, ...mark },
      annotations: { ...annotations, ...mark },
    },
    spec: {
      ...spec,
      hostname: `${job.metadata?.name}-${index}`,
      containers: spec.containers.map(knowingIndex),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(knowingIndex) }),
    },
  };
}

function knowingIndex(container: Container): Container {
  const fieldPath = `metadata.annotations['${COMPLETION_INDEX}']`;
  const variable = { name: INDEX_VARIABLE, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
  const others = (container.env ?? []).filter(({ name }) => name !== INDEX_VARIABLE);
  return { ...container, env: [...others, variable] };
}
