/**
 * The flow schemas and priority levels that a cluster starts with. Source: upstream
 * `apiserver/pkg/apis/flowcontrol/bootstrap/default.go`. @facts
 */
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/kinds.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
const AUTO_UPDATE = { 'apf.kubernetes.io/autoupdate-spec': 'true' };
const EVERYBODY = ['system:unauthenticated', 'system:authenticated'];
const CONTROLLER_MANAGER = 'system:kube-controller-manager';
const SCHEDULER = 'system:kube-scheduler';

type LevelSpec = NonNullable<PriorityLevelConfiguration['spec']>;
type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number];
type Subject = Rule['subjects'][number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];
type NonResourceRule = NonNullable<Rule['nonResourceRules']>[number];

export function defaultPriorityLevels(): PriorityLevelConfiguration[] {
  return [
    level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } }),
    level('catch-all', {
      type: 'Limited',
      limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
    }),
    queueing('system', { shares: 30, lendable: 33, queues: 64, hand: 6 }),
    queueing('node-high', { shares: 40, lendable: 25, queues: 64, hand: 6 }),
    queueing('leader-election', { shares: 10, lendable: 0, queues: 16, hand: 4 }),
    queueing('workload-high', { shares: 40, lendable: 50, queues: 128, hand: 6 }),
    queueing('workload-low', { shares: 100, lendable: 90, queues: 128, hand: 6 }),
    queueing('global-default', { shares: 20, lendable: 50, queues: 128, hand: 6 }),
  ];
}

export function defaultFlowSchemas(): FlowSchema[] {
  const byUser = 'ByUser';
  const byNamespace = 'ByNamespace';
  const leases = resources(['get', 'create', 'update'], 'coordination.k8s.io', ['leases']);
  return [
    schema('exempt', 'exempt', 1, undefined, everything(groups('system:masters'))),
    schema('catch-all', 'catch-all', 10_000, byUser, everything(groups(...EVERYBODY))),
    schema('probes', 'exempt', 2, undefined, {
      subjects: groups(...EVERYBODY),
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    }),
    schema('system-leader-election', 'leader-election', 100, byUser, {
      subjects: [...users(CONTROLLER_MANAGER, SCHEDULER), ...systemAccounts('*')],
      resourceRules: [leases],
    }),
    schema('endpoint-controller', 'workload-high', 150, byUser, {
      subjects: [
        ...users(CONTROLLER_MANAGER),
        ...systemAccounts('endpoint-controller', 'endpointslicemirroring-controller'),
      ],
      resourceRules: [resources(['get', 'create', 'update'], '', ['endpoints'])],
    }),
    schema('workload-leader-election', 'leader-election', 200, byUser, {
      subjects: systemAccounts('*'),
      resourceRules: [leases],
    }),
    schema('system-node-high', 'node-high', 400, byUser, {
      subjects: groups('system:nodes'),
      resourceRules: [
        { ...resources(['*'], '', ['nodes', 'nodes/status']), clusterScope: true },
        resources(['*'], 'coordination.k8s.io', ['leases']),
      ],
    }),
    schema('system-nodes', 'system', 500, byUser, everything(groups('system:nodes'))),
    schema('kube-controller-manager', 'workload-high', 800, byNamespace, everything(users(CONTROLLER_MANAGER))),
    schema('kube-scheduler', 'workload-high', 800, byNamespace, everything(users(SCHEDULER))),
    schema('kube-system-service-accounts', 'workload-high', 900, byNamespace, everything(systemAccounts('*'))),
    schema('service-accounts', 'workload-low', 9_000, byUser, everything(groups('system:serviceaccounts'))),
    schema('global-default', 'global-default', 9_900, byUser, everything(groups(...EVERYBODY))),
  ];
}

function level(name: string, spec: LevelSpec): PriorityLevelConfiguration {
  const metadata = { name, annotations: { ...AUTO_UPDATE } };
  return { apiVersion: API_VERSION, kind: 'PriorityLevelConfiguration', metadata, spec };
}

function queueing(
  name: string,
  { shares, lendable, queues, hand }: { shares: number; lendable: number; queues: number; hand: number },
): PriorityLevelConfiguration {
  const queuing = { queues, handSize: hand, queueLengthLimit: 50 };
  return level(name, {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent: lendable,
      limitResponse: { type: 'Queue', queuing },
    },
  });
}

function schema(
  name: string,
  priorityLevel: string,
  matchingPrecedence: number,
  distinguisher: 'ByUser' | 'ByNamespace' | undefined,
  rule: Rule,
): FlowSchema {
  return {
    apiVersion: API_VERSION,
    kind: 'FlowSchema',
    metadata: { name, annotations: { ...AUTO_UPDATE } },
    spec: {
      priorityLevelConfiguration: { name: priorityLevel },
      matchingPrecedence,
      ...(distinguisher === undefined ? {} : { distinguisherMethod: { type: distinguisher } }),
      rules: [rule],
    },
  };
}

function everything(subjects: Subject[]): Rule {
  const all = ['*'];
  const resourceRules: ResourceRule[] = [
    { verbs: all, apiGroups: all, resources: all, clusterScope: true, namespaces: all },
  ];
  const nonResourceRules: NonResourceRule[] = [{ verbs: all, nonResourceURLs: all }];
  return { subjects, resourceRules, nonResourceRules };
}

function resources(verbs: string[], group: string, names: string[]): ResourceRule {
  return { verbs, apiGroups: [group], resources: names, namespaces: ['*'] };
}

function groups(...names: string[]): Subject[] {
  return names.map((name) => ({ kind: 'Group', group: { name } }));
}

function users(...names: string[]): Subject[] {
  return names.map((name) => ({ kind: 'User', user: { name } }));
}

function systemAccounts(...names: string[]): Subject[] {
  return names.map((name) => ({ kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name } }));
}
