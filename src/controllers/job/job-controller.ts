import type { Job, Pod } from '../../api/kinds.ts';
import { joinKey, objectKey, splitKey } from '../../api/object.ts';
import type { EventRecorder, Executors, KubeClient } from '../../client/index.ts';
import { BY_CONTROLLER, claimExecutors, claimsOf, controllerOf, ORPHANS, ownerKeys } from '../ownership/claim.ts';
import { podDeeds } from '../pods/pod-deeds.ts';
import { findCondition } from '../runtime/conditions.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { JOBS, PODS } from '../runtime/resources.ts';
import { slowStart } from '../runtime/slow-start.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { planJob } from './job-plan.ts';
import { podOfJob } from './job-pod.ts';
import { isTracked, type JobAction, type JobState, type JobStatus, TRACKING_FINALIZER } from './job-state.ts';

const JOB_NAME = 'batch.kubernetes.io/job-name';

/** Runs pods to their end as often as a Job asks for (upstream `pkg/controller/job` and `ttlafterfinished`). */
export function jobController(context: ControllerContext): Controller {
  const jobs = context.informers.for<Job>(JOBS);
  const pods = context.informers.for<Pod>(PODS);
  pods.addIndex(BY_CONTROLLER);
  pods.addIndex(ORPHANS);
  const events = recorderFor(context, 'job-controller');

  const read = (key: string): JobState => {
    const job = jobs.objects.get(key);
    return { job, pods: job === undefined ? leftBehind(key) : claimsOf(job, pods) };
  };
  const leftBehind = (key: string) => {
    const { namespace = '', name } = splitKey(key);
    const ofJob = (pod: Pod) => isTracked(pod) && jobNameOf(pod) === name;
    return { owned: pods.objects.inNamespace(namespace).filter(ofJob), toAdopt: [], toRelease: [] };
  };
  return reconciling(
    context,
    { name: 'job', read, plan: planJob, executors: jobExecutors(context.client, events) },
    [
      onChange(jobs, (object) => [objectKey(object)]),
      onChange(pods, (pod) => [...ownerKeys(jobs, pod), ...orphanKeys(pod)]),
    ],
    events,
  );
}

/** Of an orphan the label says whose it was. */
function jobNameOf(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  if (owner === undefined) return pod.metadata?.labels?.[JOB_NAME];
  return owner.kind === 'Job' ? owner.name : undefined;
}

/** A job that leaves its pods behind may lose them before they have been let go. */
function orphanKeys(pod: Pod): string[] {
  const name = controllerOf(pod) === undefined && isTracked(pod) ? jobNameOf(pod) : undefined;
  return name === undefined ? [] : [joinKey(pod.metadata?.namespace, name)];
}

function jobExecutors(client: KubeClient, events: EventRecorder): Executors<JobAction> {
  const deeds = podDeeds(client, events);
  const letGo = async (pod: Pod, signal: AbortSignal) => {
    const { uid, resourceVersion, finalizers = [] } = pod.metadata ?? {};
    const rest = finalizers.filter((finalizer) => finalizer !== TRACKING_FINALIZER);
    const patch = { metadata: { uid, resourceVersion, finalizers: rest } };
    await unlessGone(client.patch(PODS, targetOf(pod), 'merge', patch, signal));
  };
  return {
    ...claimExecutors(client, PODS),
    create: ({ job, indexes }, signal) =>
      slowStart(indexes.length, (position) => deeds.create(job, podOfJob(job, indexes[position]), signal)),
    stop: async ({ job, pod, counted }, signal) => {
      if (!counted && isTracked(pod)) await letGo(pod, signal);
      await deeds.delete(job, pod, signal);
    },
    'let-go': ({ pod }, signal) => letGo(pod, signal),
    status: async ({ job, status }, signal) => {
      await client.update(JOBS, { ...targetOf(job), subresource: 'status' }, { ...job, status }, signal);
      tellOfEnd(events, job, status);
    },
    'delete-job': async ({ job }, signal) => {
      const { uid = '' } = job.metadata ?? {};
      const options = { preconditions: { uid }, propagationPolicy: 'Foreground' as const };
      await unlessGone(client.delete(JOBS, targetOf(job), signal, options));
    },
  };
}

function tellOfEnd(events: EventRecorder, job: Job, status: JobStatus): void {
  const news = (type: string) => {
    const condition = findCondition(status.conditions, type);
    const before = findCondition(job.status?.conditions, type);
    return condition !== undefined && condition.status !== before?.status ? condition : undefined;
  };
  if (news('Complete') !== undefined) events.record(job, 'Normal', 'Completed', 'Job completed');
  const failed = news('Failed');
  if (failed !== undefined) events.record(job, 'Warning', failed.reason ?? 'Failed', failed.message ?? '');
  const suspended = news('Suspended');
  if (suspended?.status === 'True') events.record(job, 'Normal', 'Suspended', 'Job suspended');
  if (suspended?.status === 'False') events.record(job, 'Normal', 'Resumed', 'Job resumed');
}
