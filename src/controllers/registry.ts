import { clusterRoleAggregationController } from './clusterrole-aggregation/cluster-role-aggregation.ts';
import { csrApprovingController } from './certificates/csr-approving-controller.ts';
import { csrCleaningController } from './certificates/csr-cleaning-controller.ts';
import { csrSigningController } from './certificates/csr-signing-controller.ts';
import { cronJobController } from './cronjob/cron-job-controller.ts';
import { daemonSetController } from './daemonset/daemon-set-controller.ts';
import { deploymentController } from './deployment/deployment-controller.ts';
import { disruptionController } from './disruption/disruption-controller.ts';
import { ephemeralVolumeController } from './ephemeral-volume/ephemeral-volume-controller.ts';
import { endpointSliceController } from './endpoints/endpoint-slice-controller.ts';
import { endpointsController } from './endpoints/endpoints-controller.ts';
import { garbageController } from './garbage/garbage-controller.ts';
import { horizontalController } from './horizontal/horizontal-controller.ts';
import { jobController } from './job/job-controller.ts';
import { mirrorController } from './endpoints/mirror-controller.ts';
import { namespaceController } from './namespace/namespace-controller.ts';
import { quotaController } from './quota/quota-controller.ts';
import { replicaSetController } from './replicaset/replica-set-controller.ts';
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle-controller.ts';
import { podGcController } from './pod-gc/pod-gc-controller.ts';
import { rootCaController } from './root-ca/root-ca-controller.ts';
import { serviceLbController } from './service-lb/service-lb-controller.ts';
import { statefulSetController } from './statefulset/stateful-set-controller.ts';
import { defaultAccountController } from './serviceaccount/default-account-controller.ts';
import { tokenCleaningController } from './bootstrap-tokens/token-cleaning-controller.ts';
import { tokenSecretController } from './serviceaccount/token-secret-controller.ts';
import { claimProtectionController, volumeProtectionController } from './volume-protection/volume-protection.ts';
import { claimBinder } from './volume-binding/claim-binder.ts';
import { volumeBinder } from './volume-binding/volume-binder.ts';
import type { Controller, ControllerContext } from './runtime/controller.ts';

type Registry = Readonly<Record<string, (context: ControllerContext) => Controller>>;

export const CLUSTER_CONTROLLERS = {
  serviceaccount: defaultAccountController,
  'serviceaccount-token': tokenSecretController,
  'root-ca': rootCaController,
  namespace: namespaceController,
  'node-lifecycle': nodeLifecycleController,
  resourcequota: quotaController,
  'pod-gc': podGcController,
  'clusterrole-aggregation': clusterRoleAggregationController,
  'pvc-protection': claimProtectionController,
  'pv-protection': volumeProtectionController,
  'csr-approving': csrApprovingController,
  'csr-signing': csrSigningController,
  'csr-cleaning': csrCleaningController,
  'token-cleaner': tokenCleaningController,
  garbage: garbageController, // last: it shares the informers of the others
} as const satisfies Registry;

export const WORKLOAD_CONTROLLERS = {
  'ephemeral-volume': ephemeralVolumeController,
  'persistentvolumeclaim-binder': claimBinder,
  'persistentvolume-binder': volumeBinder,
  deployment: deploymentController,
  replicaset: replicaSetController,
  daemonset: daemonSetController,
  statefulset: statefulSetController,
  job: jobController,
  cronjob: cronJobController,
  disruption: disruptionController,
  horizontalpodautoscaler: horizontalController,
  endpoints: endpointsController,
  endpointslice: endpointSliceController,
  endpointslicemirroring: mirrorController,
  'service-lb': serviceLbController,
} as const satisfies Registry;

export type ControllerName = keyof typeof CLUSTER_CONTROLLERS | keyof typeof WORKLOAD_CONTROLLERS;
