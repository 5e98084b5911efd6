/**
 * @facts What each controller may do: `system:controller:NAME`, bound to the service account NAME in kube-system, as
 * kube-apiserver 1.36 makes them (`bootstrappolicy/controller_policy.go`).
 */
import { EVENTS, type RuleFact } from './cluster-roles.ts';

const READ = 'get list watch';
const WATCH = 'list watch';
const MANAGE = 'create delete get list patch update watch';
const PODS: RuleFact = ['create delete list patch watch', 'core', 'pods'];
const REVISIONS: RuleFact = [MANAGE, 'apps', 'controllerrevisions'];

/** The three rules of a controller that keeps `resource` in step. */
function owns(groups: string, resource: string, verbs = 'get list update watch'): RuleFact[] {
  return [
    [verbs, groups, resource],
    ['update', groups, `${resource}/status`],
    ['update', groups, `${resource}/finalizers`],
  ];
}

export const CONTROLLER_RULES: Readonly<Record<string, readonly RuleFact[]>> = {
  'attachdetach-controller': [
    [WATCH, 'core', 'persistentvolumeclaims persistentvolumes'],
    [READ, 'core', 'nodes'],
    ['patch update', 'core', 'nodes/status'],
    [WATCH, 'core', 'pods'],
    EVENTS,
    ['create delete get list watch', 'storage.k8s.io', 'volumeattachments'],
    [READ, 'storage.k8s.io', 'csidrivers'],
    [READ, 'storage.k8s.io', 'csinodes'],
  ],
  'certificate-controller': [
    ['delete get list watch', 'certificates.k8s.io', 'certificatesigningrequests'],
    ['update', 'certificates.k8s.io', 'certificatesigningrequests/approval certificatesigningrequests/status'],
    ['approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'],
    [
      'sign',
      'certificates.k8s.io',
      'signers',
      'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown',
    ],
    ['create', 'authorization.k8s.io', 'subjectaccessreviews'],
    EVENTS,
  ],
  'clusterrole-aggregation-controller': [
    ['escalate get list patch update watch', 'rbac.authorization.k8s.io', 'clusterroles'],
  ],
  'cronjob-controller': [
    ['get list update watch', 'batch', 'cronjobs'],
    [MANAGE, 'batch', 'jobs'],
    ['update', 'batch', 'cronjobs/status'],
    ['update', 'batch', 'cronjobs/finalizers'],
    ['delete list watch', 'core', 'pods'],
    EVENTS,
  ],
  'daemon-set-controller': [
    ...owns('apps extensions', 'daemonsets', READ),
    [WATCH, 'core', 'nodes'],
    PODS,
    ['create', 'core', 'pods/binding'],
    REVISIONS,
    EVENTS,
  ],
  'deployment-controller': [
    ...owns('apps extensions', 'deployments'),
    [MANAGE, 'apps extensions', 'replicasets'],
    ['get list update watch', 'core', 'pods'],
    EVENTS,
  ],
  'device-taint-eviction-controller': [
    ['delete get list watch', 'core', 'pods'],
    ['patch update', 'core', 'pods/status'],
    [READ, 'resource.k8s.io', 'resourceclaims'],
    [READ, 'resource.k8s.io', 'resourceslices'],
    [READ, 'resource.k8s.io', 'deviceclasses'],
    EVENTS,
  ],
  'disruption-controller': [
    [READ, 'apps extensions', 'deployments'],
    [READ, 'apps extensions', 'replicasets'],
    [READ, 'core', 'replicationcontrollers'],
    [READ, 'policy', 'poddisruptionbudgets'],
    [READ, 'apps', 'statefulsets'],
    ['update', 'policy', 'poddisruptionbudgets/status'],
    ['patch update', 'core', 'pods/status'],
    ['get', '*', '*/scale'],
    EVENTS,
  ],
  'endpoint-controller': [
    [READ, 'core', 'pods services'],
    ['create delete get list update watch', 'core', 'endpoints'],
    ['create', 'core', 'endpoints/restricted'],
    EVENTS,
  ],
  'endpointslice-controller': [
    [READ, 'core', 'nodes pods services'],
    ['update', 'core', 'services/finalizers'],
    ['create delete get list update watch', 'discovery.k8s.io', 'endpointslices'],
    EVENTS,
  ],
  'endpointslicemirroring-controller': [
    [READ, 'core', 'endpoints services'],
    ['update', 'core', 'services/finalizers'],
    ['update', 'core', 'endpoints/finalizers'],
    ['create delete get list update watch', 'discovery.k8s.io', 'endpointslices'],
    EVENTS,
  ],
  'ephemeral-volume-controller': [
    [READ, 'core', 'pods'],
    ['update', 'core', 'pods/finalizers'],
    ['create get list watch', 'core', 'persistentvolumeclaims'],
    EVENTS,
  ],
  'expand-controller': [
    ['get list patch update watch', 'core', 'persistentvolumes'],
    ['patch update', 'core', 'persistentvolumeclaims/status'],
    [READ, 'core', 'persistentvolumeclaims'],
    EVENTS,
  ],
  'generic-garbage-collector': [['delete get list patch update watch', '*', '*'], EVENTS],
  'horizontal-pod-autoscaler': [
    [READ, 'autoscaling', 'horizontalpodautoscalers'],
    ['update', 'autoscaling', 'horizontalpodautoscalers/status'],
    ['get update', '*', '*/scale'],
    [WATCH, 'core', 'pods'],
    [WATCH, 'metrics.k8s.io', 'pods'],
    [READ, 'custom.metrics.k8s.io', '*'],
    [READ, 'external.metrics.k8s.io', '*'],
    EVENTS,
  ],
  'job-controller': [...owns('batch', 'jobs', 'get list patch update watch'), PODS, EVENTS],
  'legacy-service-account-token-cleaner': [
    ['get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'],
    ['delete patch', 'core', 'secrets'],
  ],
  'namespace-controller': [
    ['delete get list watch', 'core', 'namespaces'],
    ['update', 'core', 'namespaces/finalize namespaces/status'],
    ['delete deletecollection get list watch', '*', '*'],
  ],
  'node-controller': [
    ['delete get list patch update watch', 'core', 'nodes'],
    ['patch update', 'core', 'nodes/status'],
    ['patch update', 'core', 'pods/status'],
    ['delete get list watch', 'core', 'pods'],
    EVENTS,
  ],
  'persistent-volume-binder': [
    ['create delete get list update watch', 'core', 'persistentvolumes'],
    ['update', 'core', 'persistentvolumes/status'],
    ['get list update watch', 'core', 'persistentvolumeclaims'],
    ['update', 'core', 'persistentvolumeclaims/status'],
    ['create delete get list watch', 'core', 'pods'],
    [READ, 'storage.k8s.io', 'storageclasses'],
    [WATCH, 'core', 'nodes'],
    EVENTS,
    ['watch', 'core', 'events'],
  ],
  'pod-garbage-collector': [
    ['delete list watch', 'core', 'pods'],
    [READ, 'core', 'nodes'],
    ['patch', 'core', 'pods/status'],
  ],
  'pv-protection-controller': [['get list update watch', 'core', 'persistentvolumes'], EVENTS],
  'pvc-protection-controller': [
    ['get list update watch', 'core', 'persistentvolumeclaims'],
    ['update', 'core', 'persistentvolumeclaims/status'],
    [READ, 'core', 'pods'],
    EVENTS,
  ],
  'replicaset-controller': [...owns('apps extensions', 'replicasets'), PODS, EVENTS],
  'replication-controller': [...owns('core', 'replicationcontrollers'), PODS, EVENTS],
  'resource-claim-controller': [
    [READ, 'core', 'pods'],
    ['update', 'core', 'pods/finalizers'],
    ['create delete get list watch', 'resource.k8s.io', 'resourceclaims'],
    ['patch update', 'resource.k8s.io', 'resourceclaims resourceclaims/status'],
    ['patch update', 'core', 'pods/status'],
    EVENTS,
    ['patch update', 'resource.k8s.io', 'resourceclaims/binding'],
  ],
  'resourcequota-controller': [[WATCH, '*', '*'], ['update', 'core', 'resourcequotas/status'], EVENTS],
  'root-ca-cert-publisher': [['create update', 'core', 'configmaps'], EVENTS],
  'route-controller': [[WATCH, 'core', 'nodes'], ['patch', 'core', 'nodes/status'], EVENTS],
  'selinux-warning-controller': [
    EVENTS,
    [READ, 'core', 'persistentvolumes'],
    [READ, 'core', 'persistentvolumeclaims'],
    [READ, 'core', 'pods'],
    [READ, 'storage.k8s.io', 'csidrivers'],
  ],
  'service-account-controller': [['create', 'core', 'serviceaccounts'], EVENTS],
  'service-cidrs-controller': [
    ['get list patch update watch', 'networking.k8s.io', 'servicecidrs'],
    ['patch update', 'networking.k8s.io', 'servicecidrs/finalizers'],
    ['patch update', 'networking.k8s.io', 'servicecidrs/status'],
    [READ, 'networking.k8s.io', 'ipaddresses'],
    EVENTS,
  ],
  'service-controller': [
    [READ, 'core', 'services'],
    ['patch update', 'core', 'services/status'],
    [WATCH, 'core', 'nodes'],
    EVENTS,
  ],
  'statefulset-controller': [
    [WATCH, 'core', 'pods'],
    ...owns('apps', 'statefulsets', READ),
    ['create delete get patch update', 'core', 'pods'],
    REVISIONS,
    ['create get list watch', 'core', 'persistentvolumeclaims'],
    ['delete update', 'core', 'persistentvolumeclaims'],
    ['update', 'core', 'pods/finalizers'],
    EVENTS,
  ],
  'ttl-after-finished-controller': [['delete get list watch', 'batch', 'jobs'], EVENTS],
  'ttl-controller': [['list patch update watch', 'core', 'nodes'], EVENTS],
  'validatingadmissionpolicy-status-controller': [
    [READ, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'],
    ['get patch update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'],
    EVENTS,
  ],
  'volumeattributesclass-protection-controller': [
    [READ, 'core', 'persistentvolumeclaims'],
    [READ, 'core', 'persistentvolumes'],
    ['get list update watch', 'storage.k8s.io', 'volumeattributesclasses'],
    EVENTS,
  ],
};
