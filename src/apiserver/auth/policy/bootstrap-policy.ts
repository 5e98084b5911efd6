/** The roles and bindings that a cluster starts with, as objects. */
import type { KubeObject } from '../../../api/object.ts';
import { aggregatedRules, type PolicyRule, type RbacResource, type Subject } from '../../../auth/index.ts';
import { CLUSTER_ROLES, EVENTS, type RoleFact, type RuleFact } from './cluster-roles.ts';
import { CONTROLLER_RULES } from './controller-roles.ts';

const GROUP = 'rbac.authorization.k8s.io';
const LABELS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const ANNOTATIONS = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };

/**
 * Upstream runs each controller under a service account of its own; here they share one identity, which so holds what
 * all of them need.
 */
const CONTROLLERS_ROLE = 'edgesite:controllers';

export interface BootstrapObject {
  readonly resource: RbacResource;
  readonly object: KubeObject;
}

/** In an order in which they can be created: roles before their bindings. */
export function bootstrapPolicy(): BootstrapObject[] {
  return [
    ...clusterRoles().map((object) => ({ resource: 'clusterroles', object }) as const),
    ...clusterRoleBindings().map((object) => ({ resource: 'clusterrolebindings', object }) as const),
    ...NAMESPACE_ROLES.map((fact) => ({ resource: 'roles', object: namespaceRole(fact) }) as const),
    ...NAMESPACE_ROLES.map((fact) => ({ resource: 'rolebindings', object: namespaceBinding(fact) }) as const),
  ];
}

/** What every node may do, beside what relates to its pods. */
export function nodeRules(): PolicyRule[] {
  return CLUSTER_ROLES.filter(({ name }) => name === 'system:node').flatMap(({ rules }) => rules.map(policyRule));
}

function clusterRoles(): KubeObject[] {
  const plain = CLUSTER_ROLES.map(clusterRole);
  const controllers = Object.entries(CONTROLLER_RULES).map(([name, rules]) =>
    clusterRole({ name: `system:controller:${name}`, rules }),
  );
  const all = [...plain, ...controllers];
  const aggregated = all.map((role) =>
    'aggregationRule' in role ? { ...role, rules: aggregatedRules(role, all) } : role,
  );
  const distinct = new Map(
    Object.values(CONTROLLER_RULES).flatMap((rules) => rules.map((each) => [each.join('|'), each])),
  );
  return [...aggregated, clusterRole({ name: CONTROLLERS_ROLE, rules: [...distinct.values()] })];
}

function clusterRole({ name, rules, aggregates, aggregateTo }: RoleFact): KubeObject {
  const labels = aggregateTo === undefined ? LABELS : { ...LABELS, [`${GROUP}/aggregate-to-${aggregateTo}`]: 'true' };
  const selector = { matchLabels: { [`${GROUP}/aggregate-to-${aggregates}`]: 'true' } };
  return {
    ...object('ClusterRole', name, '', labels),
    ...(aggregates === undefined ? {} : { aggregationRule: { clusterRoleSelectors: [selector] } }),
    rules: rules.map(policyRule),
  };
}

function object(kind: string, name: string, namespace: string, labels: Record<string, string> = LABELS): KubeObject {
  const metadata = { name, ...(namespace === '' ? {} : { namespace }), labels, annotations: ANNOTATIONS };
  return { apiVersion: `${GROUP}/v1`, kind, metadata };
}

function policyRule([verbs, groups, resources, names]: RuleFact): PolicyRule {
  if (groups === 'url') return { verbs: verbs.split(' '), nonResourceURLs: resources.split(' ') };
  return {
    verbs: verbs.split(' '),
    apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    ...(names === undefined ? {} : { resourceNames: names.split(' ') }),
  };
}

const user = (name: string): Subject => ({ kind: 'User', name });
const group = (name: string): Subject => ({ kind: 'Group', name });
const controller = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

/** By the role, whose name the binding has too. */
const BINDINGS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:monitoring': [group('system:monitoring')],
  'system:discovery': [group('system:authenticated')],
  'system:basic-user': [group('system:authenticated')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [controller('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
  // What nodes may do depends on their pods: the node authorizer decides.
  'system:node': [],
  [CONTROLLERS_ROLE]: [user('system:kube-controller-manager')],
};

function clusterRoleBindings(): KubeObject[] {
  const controllers = Object.keys(CONTROLLER_RULES).map(
    (name) => [`system:controller:${name}`, [controller(name)]] as const,
  );
  return [...Object.entries(BINDINGS), ...controllers].map(([name, subjects]) => ({
    ...object('ClusterRoleBinding', name, ''),
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(withGroup) }),
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
  }));
}

/** Users and groups are of the RBAC group, service accounts of the core. */
function withGroup(subject: Subject): Record<string, unknown> {
  const { kind, name, namespace } = subject;
  if (kind === 'ServiceAccount') return { kind, name, namespace };
  return { kind, apiGroup: GROUP, name };
}

interface NamespaceRoleFact {
  readonly name: string;
  readonly namespace: 'kube-system' | 'kube-public';
  readonly rules: readonly RuleFact[];
  readonly subjects: readonly Subject[];
  /** The name of the binding where it is another. */
  readonly binding?: string;
}

function leaderLocking(component: string): NamespaceRoleFact {
  return {
    name: `system::leader-locking-${component}`,
    namespace: 'kube-system',
    rules: [
      ['watch', 'core', 'configmaps'],
      ['get update', 'core', 'configmaps', component],
    ],
    subjects: [user(`system:${component}`), controller(component)],
  };
}

const NAMESPACE_ROLES: readonly NamespaceRoleFact[] = [
  {
    name: 'extension-apiserver-authentication-reader',
    binding: 'system::extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: [['get list watch', 'core', 'configmaps', 'extension-apiserver-authentication']],
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  leaderLocking('kube-controller-manager'),
  leaderLocking('kube-scheduler'),
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-system',
    rules: [['get list watch', 'core', 'secrets']],
    subjects: [controller('bootstrap-signer')],
  },
  {
    name: 'system:controller:cloud-provider',
    namespace: 'kube-system',
    rules: [['create get list update watch', 'core', 'configmaps']],
    subjects: [controller('cloud-provider')],
  },
  {
    name: 'system:controller:token-cleaner',
    namespace: 'kube-system',
    rules: [['delete get list watch', 'core', 'secrets'], EVENTS],
    subjects: [controller('token-cleaner')],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-public',
    rules: [['get list watch', 'core', 'configmaps'], ['update', 'core', 'configmaps', 'cluster-info'], EVENTS],
    subjects: [controller('bootstrap-signer')],
  },
];

function namespaceRole({ name, namespace, rules }: NamespaceRoleFact): KubeObject {
  return { ...object('Role', name, namespace), rules: rules.map(policyRule) };
}

function namespaceBinding({ name, namespace, binding = name, subjects }: NamespaceRoleFact): KubeObject {
  return {
    ...object('RoleBinding', binding, namespace),
    subjects: subjects.map(withGroup),
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
  };
}
