/** Which strategy each built-in resource has, by `group/plural`, or `group/version/plural` where versions differ. */
import * as policies from './admissionregistration/policies.ts';
import * as webhooks from './admissionregistration/webhooks.ts';
import { apiService } from './apiextensions/api-service.ts';
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts';
import { controllerRevision } from './apps/controller-revision.ts';
import { daemonSet } from './apps/daemon-set.ts';
import { deployment } from './apps/deployment.ts';
import { replicaSet, replicationController } from './apps/replica-set.ts';
import { statefulSet } from './apps/stateful-set.ts';
import { hpaV1, hpaV2 } from './autoscaling/horizontal-pod-autoscaler.ts';
import { cronJob } from './batch/cron-job.ts';
import { job } from './batch/job.ts';
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts';
import { lease } from './coordination/lease.ts';
import { componentStatus } from './core/component-status.ts';
import { configMap } from './core/config-map.ts';
import { endpoints } from './core/endpoints.ts';
import { coreEvent, event } from './core/event.ts';
import { limitRange } from './core/limit-range.ts';
import { namespace } from './core/namespace.ts';
import { node } from './core/node.ts';
import { persistentVolumeClaim } from './core/persistent-volume-claim.ts';
import { persistentVolume } from './core/persistent-volume.ts';
import { podTemplate } from './core/pod-template.ts';
import { pod } from './core/pod.ts';
import { resourceQuota } from './core/resource-quota.ts';
import { secret } from './core/secret.ts';
import { serviceAccount } from './core/service-account.ts';
import { service } from './core/service.ts';
import { endpointSlice } from './discovery/endpoint-slice.ts';
import { flowSchema, priorityLevelConfiguration } from './flowcontrol/flow-control.ts';
import { ipAddress, serviceCidr } from './networking/addresses.ts';
import { ingress, ingressClass } from './networking/ingress.ts';
import { networkPolicy } from './networking/network-policy.ts';
import { runtimeClass } from './node/runtime-class.ts';
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac/roles.ts';
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './resource/device-claims.ts';
import { priorityClass } from './scheduling/priority-class.ts';
import { csiDriver, csiNode, csiStorageCapacity } from './storage/csi.ts';
import { storageClass } from './storage/storage-class.ts';
import { volumeAttachment, volumeAttributesClass } from './storage/volumes.ts';
import type { KindStrategy } from './strategy.ts';

export const BUILT_IN_STRATEGIES: Readonly<Record<string, KindStrategy>> = {
  '/componentstatuses': componentStatus,
  '/configmaps': configMap,
  '/endpoints': endpoints,
  '/events': coreEvent,
  '/limitranges': limitRange,
  '/namespaces': namespace,
  '/nodes': node,
  '/persistentvolumeclaims': persistentVolumeClaim,
  '/persistentvolumes': persistentVolume,
  '/pods': pod,
  '/podtemplates': podTemplate,
  '/replicationcontrollers': replicationController,
  '/resourcequotas': resourceQuota,
  '/secrets': secret,
  '/serviceaccounts': serviceAccount,
  '/services': service,
  'admissionregistration.k8s.io/mutatingadmissionpolicies': policies.mutatingAdmissionPolicy,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': policies.mutatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks.mutatingWebhookConfiguration,
  'admissionregistration.k8s.io/validatingadmissionpolicies': policies.validatingAdmissionPolicy,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': policies.validatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks.validatingWebhookConfiguration,
  'apiextensions.k8s.io/customresourcedefinitions': customResourceDefinition,
  'apiregistration.k8s.io/apiservices': apiService,
  'apps/controllerrevisions': controllerRevision,
  'apps/daemonsets': daemonSet,
  'apps/deployments': deployment,
  'apps/replicasets': replicaSet,
  'apps/statefulsets': statefulSet,
  'autoscaling/v1/horizontalpodautoscalers': hpaV1,
  'autoscaling/v2/horizontalpodautoscalers': hpaV2,
  'batch/cronjobs': cronJob,
  'batch/jobs': job,
  'certificates.k8s.io/certificatesigningrequests': certificateSigningRequest,
  'coordination.k8s.io/leases': lease,
  'discovery.k8s.io/endpointslices': endpointSlice,
  'events.k8s.io/events': event,
  'flowcontrol.apiserver.k8s.io/flowschemas': flowSchema,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': priorityLevelConfiguration,
  'networking.k8s.io/ingressclasses': ingressClass,
  'networking.k8s.io/ingresses': ingress,
  'networking.k8s.io/ipaddresses': ipAddress,
  'networking.k8s.io/networkpolicies': networkPolicy,
  'networking.k8s.io/servicecidrs': serviceCidr,
  'node.k8s.io/runtimeclasses': runtimeClass,
  'policy/poddisruptionbudgets': podDisruptionBudget,
  'rbac.authorization.k8s.io/clusterrolebindings': clusterRoleBinding,
  'rbac.authorization.k8s.io/clusterroles': clusterRole,
  'rbac.authorization.k8s.io/rolebindings': roleBinding,
  'rbac.authorization.k8s.io/roles': role,
  'resource.k8s.io/deviceclasses': deviceClass,
  'resource.k8s.io/resourceclaims': resourceClaim,
  'resource.k8s.io/resourceclaimtemplates': resourceClaimTemplate,
  'resource.k8s.io/resourceslices': resourceSlice,
  'scheduling.k8s.io/priorityclasses': priorityClass,
  'storage.k8s.io/csidrivers': csiDriver,
  'storage.k8s.io/csinodes': csiNode,
  'storage.k8s.io/csistoragecapacities': csiStorageCapacity,
  'storage.k8s.io/storageclasses': storageClass,
  'storage.k8s.io/volumeattachments': volumeAttachment,
  'storage.k8s.io/volumeattributesclasses': volumeAttributesClass,
};
