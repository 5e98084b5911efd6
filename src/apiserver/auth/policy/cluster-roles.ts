/**
 * @facts The cluster roles of every cluster, as kube-apiserver 1.36 makes them at its start (`bootstrappolicy/policy.go`).
 *
 * A rule is verbs, groups (`core` is the empty one), resources and perhaps names; `url` instead of a group makes it a
 * rule on paths.
 */
export type RuleFact = readonly [verbs: string, groups: string, resources: string, names?: string];

export interface RoleFact {
  readonly name: string;
  readonly rules: readonly RuleFact[];
  /** Which of `admin`, `edit`, `view` takes in this role. */
  readonly aggregateTo?: 'admin' | 'edit' | 'view';
  /** Which roles this one takes in, by their `aggregateTo`; its own rules follow from theirs. */
  readonly aggregates?: 'admin' | 'edit' | 'view';
}

const READ = 'get list watch';
const WRITE = 'create delete deletecollection patch update';
const ALL = 'create delete deletecollection get list patch update watch';
export const EVENTS: RuleFact = ['create patch update', 'core events.k8s.io', 'events'];
const HEALTH = '/healthz /livez /readyz /version /version/';

const AGGREGATED: readonly RoleFact[] = [
  { name: 'admin', aggregates: 'admin', rules: [] },
  { name: 'edit', aggregates: 'edit', aggregateTo: 'admin', rules: [] },
  { name: 'view', aggregates: 'view', aggregateTo: 'edit', rules: [] },
  {
    name: 'system:aggregate-to-admin',
    aggregateTo: 'admin',
    rules: [
      ['create', 'authorization.k8s.io', 'localsubjectaccessreviews'],
      [ALL, 'rbac.authorization.k8s.io', 'rolebindings roles'],
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregateTo: 'edit',
    rules: [
      [READ, 'core', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'],
      ['impersonate', 'core', 'serviceaccounts'],
      [WRITE, 'core', 'pods pods/attach pods/exec pods/portforward pods/proxy'],
      ['create', 'core', 'pods/eviction'],
      [
        WRITE,
        'core',
        'configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
      ],
      ['create', 'core', 'serviceaccounts/token'],
      [WRITE, 'core events.k8s.io', 'events'],
      [
        WRITE,
        'apps',
        'daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale',
      ],
      [WRITE, 'autoscaling', 'horizontalpodautoscalers'],
      [WRITE, 'batch', 'cronjobs jobs'],
      [
        WRITE,
        'extensions',
        'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale',
      ],
      [WRITE, 'policy', 'poddisruptionbudgets'],
      [WRITE, 'networking.k8s.io', 'ingresses networkpolicies'],
      [ALL, 'coordination.k8s.io', 'leases'],
      [WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'],
    ],
  },
  {
    name: 'system:aggregate-to-view',
    aggregateTo: 'view',
    rules: [
      [
        READ,
        'core',
        'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
      ],
      [
        READ,
        'core',
        'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
      ],
      [READ, 'core', 'namespaces'],
      [READ, 'core events.k8s.io', 'events'],
      [READ, 'discovery.k8s.io', 'endpointslices'],
      [
        READ,
        'apps',
        'controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status',
      ],
      [READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'],
      [READ, 'batch', 'cronjobs cronjobs/status jobs jobs/status'],
      [
        READ,
        'extensions',
        'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale',
      ],
      [READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'],
      [READ, 'networking.k8s.io', 'ingresses ingresses/status networkpolicies'],
      [READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'],
    ],
  },
];

const USERS: readonly RoleFact[] = [
  {
    name: 'cluster-admin',
    rules: [
      ['*', '*', '*'],
      ['*', 'url', '*'],
    ],
  },
  {
    name: 'system:discovery',
    rules: [['get', 'url', '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/']],
  },
  { name: 'system:public-info-viewer', rules: [['get', 'url', HEALTH]] },
  {
    name: 'system:monitoring',
    rules: [['get', 'url', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*']],
  },
  {
    name: 'system:basic-user',
    rules: [
      ['create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'],
      ['create', 'authentication.k8s.io', 'selfsubjectreviews'],
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      [
        'get',
        'url',
        '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
      ],
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      ['create', 'authentication.k8s.io', 'tokenreviews'],
      ['create', 'authorization.k8s.io', 'subjectaccessreviews'],
    ],
  },
  {
    name: 'system:heapster',
    rules: [
      [READ, 'core', 'events namespaces nodes pods'],
      [READ, 'extensions', 'deployments'],
    ],
  },
  { name: 'system:kube-aggregator', rules: [[READ, 'core', 'endpoints services']] },
  {
    name: 'system:kube-dns',
    rules: [
      ['list watch', 'core', 'endpoints services'],
      ['list watch', 'discovery.k8s.io', 'endpointslices'],
    ],
  },
];

const NODES: readonly RoleFact[] = [
  {
    name: 'system:node',
    rules: [
      ['create', 'authentication.k8s.io', 'tokenreviews'],
      ['create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'],
      [READ, 'core', 'services'],
      ['create get list watch', 'core', 'nodes'],
      ['patch update', 'core', 'nodes/status'],
      ['patch update', 'core', 'nodes'],
      EVENTS,
      [READ, 'core', 'pods'],
      ['create delete', 'core', 'pods'],
      ['patch update', 'core', 'pods/status'],
      ['create', 'core', 'pods/eviction'],
      [READ, 'core', 'configmaps secrets'],
      ['get', 'core', 'persistentvolumeclaims persistentvolumes'],
      ['get', 'core', 'endpoints'],
      ['create get list watch', 'certificates.k8s.io', 'certificatesigningrequests'],
      ['create delete get patch update', 'coordination.k8s.io', 'leases'],
      ['get', 'storage.k8s.io', 'volumeattachments'],
      ['create', 'core', 'serviceaccounts/token'],
      ['get patch update', 'core', 'persistentvolumeclaims/status'],
      [READ, 'storage.k8s.io', 'csidrivers'],
      ['create delete get patch update', 'storage.k8s.io', 'csinodes'],
      [READ, 'node.k8s.io', 'runtimeclasses'],
      ['get', 'resource.k8s.io', 'resourceclaims'],
      ['deletecollection', 'resource.k8s.io', 'resourceslices'],
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [['create get list watch', 'certificates.k8s.io', 'certificatesigningrequests']],
  },
  {
    name: 'system:node-problem-detector',
    rules: [['get', 'core', 'nodes'], ['patch', 'core', 'nodes/status'], EVENTS],
  },
  {
    name: 'system:node-proxier',
    rules: [
      ['list watch', 'core', 'endpoints services'],
      [READ, 'core', 'nodes'],
      EVENTS,
      ['list watch', 'networking.k8s.io', 'servicecidrs'],
      ['list watch', 'discovery.k8s.io', 'endpointslices'],
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      [READ, 'core', 'nodes'],
      ['proxy', 'core', 'nodes'],
      ['*', 'core', 'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'],
    ],
  },
];

const CERTIFICATES: readonly RoleFact[] = [
  ...['nodeclient', 'selfnodeclient'].map((kind) => ({
    name: `system:certificates.k8s.io:certificatesigningrequests:${kind}`,
    rules: [['create', 'certificates.k8s.io', `certificatesigningrequests/${kind}`] as const],
  })),
  ...['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving', 'legacy-unknown'].map((signer) => ({
    name: `system:certificates.k8s.io:${signer}-approver`,
    rules: [['approve', 'certificates.k8s.io', 'signers', `kubernetes.io/${signer}`] as const],
  })),
];

const CONTROL_PLANE: readonly RoleFact[] = [
  {
    name: 'system:kube-controller-manager',
    rules: [
      EVENTS,
      ['create', 'coordination.k8s.io', 'leases'],
      ['get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'],
      ['create', 'core', 'secrets serviceaccounts'],
      ['delete', 'core', 'secrets'],
      ['get', 'core', 'configmaps namespaces secrets serviceaccounts'],
      ['update', 'core', 'secrets serviceaccounts'],
      ['create', 'authentication.k8s.io', 'tokenreviews'],
      ['create', 'authorization.k8s.io', 'subjectaccessreviews'],
      ['list watch', '*', '*'],
      ['create', 'core', 'serviceaccounts/token'],
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      EVENTS,
      ['create', 'coordination.k8s.io', 'leases'],
      ['get list update watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'],
      [ALL, 'coordination.k8s.io', 'leasecandidates'],
      [READ, 'core', 'nodes'],
      ['delete get list watch', 'core', 'pods'],
      ['create', 'core', 'bindings pods/binding'],
      ['patch update', 'core', 'pods/status'],
      [READ, 'core', 'replicationcontrollers services'],
      [READ, 'apps extensions', 'replicasets'],
      [READ, 'apps', 'statefulsets'],
      [READ, 'policy', 'poddisruptionbudgets'],
      [READ, 'core', 'persistentvolumeclaims persistentvolumes'],
      ['create', 'authentication.k8s.io', 'tokenreviews'],
      ['create', 'authorization.k8s.io', 'subjectaccessreviews'],
      [READ, 'storage.k8s.io', 'csinodes'],
      [READ, 'storage.k8s.io', 'volumeattachments'],
      [READ, 'core', 'namespaces'],
      [READ, 'storage.k8s.io', 'csidrivers'],
      [READ, 'storage.k8s.io', 'csistoragecapacities'],
      [READ, 'resource.k8s.io', 'deviceclasses'],
      ['get list patch update watch', 'resource.k8s.io', 'resourceclaims'],
      ['get list patch update watch', 'resource.k8s.io', 'resourceclaims/status'],
      ['update', 'core', 'pods/finalizers'],
      [READ, 'resource.k8s.io', 'resourceslices'],
      ['create delete', 'resource.k8s.io', 'resourceclaims'],
      ['patch update', 'resource.k8s.io', 'resourceclaims/binding'],
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      ['get list patch update watch', 'core', 'persistentvolumes'],
      [READ, 'storage.k8s.io', 'storageclasses'],
      ['get list patch update watch', 'core', 'persistentvolumeclaims'],
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      ['create delete get list watch', 'core', 'persistentvolumes'],
      ['get list update watch', 'core', 'persistentvolumeclaims'],
      [READ, 'storage.k8s.io', 'storageclasses'],
      ['watch', 'core', 'events'],
      EVENTS,
    ],
  },
];

export const CLUSTER_ROLES: readonly RoleFact[] = [
  ...USERS,
  ...AGGREGATED,
  ...NODES,
  ...CERTIFICATES,
  ...CONTROL_PLANE,
];
