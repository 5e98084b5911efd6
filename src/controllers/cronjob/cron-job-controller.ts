import type { CronJob, Job } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder, Executors, KubeClient } from '../../client/index.ts';
import { BY_CONTROLLER, controllerOf } from '../ownership/claim.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { CRON_JOBS, JOBS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { type CronJobAction, type CronJobState, planCronJob } from './cron-job-plan.ts';

/** Makes a Job each time a schedule falls due (upstream `pkg/controller/cronjob`). */
export function cronJobController(context: ControllerContext): Controller {
  const cronJobs = context.informers.for<CronJob>(CRON_JOBS);
  const jobs = context.informers.for<Job>(JOBS);
  jobs.addIndex(BY_CONTROLLER);
  const events = recorderFor(context, 'cronjob-controller');
  const read = (key: string): CronJobState | undefined => {
    const cronJob = cronJobs.objects.get(key);
    if (cronJob === undefined) return undefined;
    return { cronJob, jobs: jobs.objects.by(BY_CONTROLLER, cronJob.metadata?.uid ?? '') };
  };
  const ownerOf = (job: Job): string[] => {
    const owner = controllerOf(job);
    return owner?.kind === 'CronJob' ? [`${job.metadata?.namespace}/${owner.name}`] : [];
  };
  return reconciling(
    context,
    { name: 'cronjob', read, plan: planCronJob, executors: cronJobExecutors(context.client, events) },
    [onChange(cronJobs, (object) => [objectKey(object)]), onChange(jobs, ownerOf)],
    events,
  );
}

function cronJobExecutors(client: KubeClient, events: EventRecorder): Executors<CronJobAction> {
  return {
    'create-job': async ({ cronJob, job }, signal) => {
      try {
        await client.create(JOBS, { namespace: job.metadata?.namespace }, job, signal);
        events.record(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata?.name}`);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) return; // made before the process ended, not yet written down
        events.record(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${messageOf(error)}`);
        throw error;
      }
    },
    'delete-job': async ({ cronJob, job }, signal) => {
      await unlessGone(client.delete(JOBS, targetOf(job), signal, { propagationPolicy: 'Background' }));
      events.record(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata?.name}`);
    },
    tell: ({ cronJob, reason, message }) => {
      events.record(cronJob, 'Normal', reason, message);
      return Promise.resolve();
    },
    status: async ({ cronJob, status }, signal) => {
      await client.update(CRON_JOBS, { ...targetOf(cronJob), subresource: 'status' }, { ...cronJob, status }, signal);
    },
  };
}
