/** Roles and bindings in memory, arranged by whom they concern. Fed with every change of the store. */
import { LabelSelector, type LabelSelectorObject } from '../api/selectors.ts';
import { joinKey, type KubeObject, splitKey } from '../api/object.ts';
import type { PolicyRule } from './rules.ts';

export type RbacResource = 'clusterroles' | 'clusterrolebindings' | 'roles' | 'rolebindings';

export const RBAC_RESOURCES: readonly RbacResource[] = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'];

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface RoleRef {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** One subject of one binding. */
export interface Grant {
  readonly subject: Subject;
  readonly roleRef: RoleRef;
  readonly binding: string;
  /** Empty for cluster role bindings. */
  readonly namespace: string;
}

interface ClusterRole extends KubeObject {
  rules?: PolicyRule[] | null;
  aggregationRule?: { clusterRoleSelectors?: LabelSelectorObject[] };
}

interface Binding extends KubeObject {
  subjects?: Subject[] | null;
  roleRef?: RoleRef;
}

/** By the user or group that it speaks of. */
type Grants = ReadonlyMap<string, readonly Grant[]>;

const NO_GRANTS: Grants = new Map();

export class RbacIndex {
  readonly #clusterRoles = new Map<string, ClusterRole>();
  readonly #roles = new Map<string, ClusterRole>();
  /** By namespace, then by name; cluster role bindings under the empty namespace. */
  readonly #bindings = new Map<string, Map<string, Binding>>();
  /** Made when first asked for, dropped when a binding of the namespace changes. */
  readonly #grants = new Map<string, Grants>();
  readonly #aggregated = new Map<string, readonly PolicyRule[]>();

  /** The object at `key` (`namespace/name`) is now this, or gone. */
  set(resource: RbacResource, key: string, object: KubeObject | undefined): void {
    if (resource === 'roles') return put(this.#roles, key, object);
    if (resource === 'clusterroles') {
      this.#aggregated.clear();
      return put(this.#clusterRoles, key, object);
    }
    const { namespace = '', name } = splitKey(key);
    const bindings = this.#bindings.get(namespace) ?? new Map<string, Binding>();
    put(bindings, name, object);
    this.#bindings.set(namespace, bindings);
    this.#grants.delete(namespace);
  }

  /** What the bindings of the namespace (empty: of the cluster) give to this user or group. */
  grantsTo(namespace: string, kind: 'User' | 'Group', name: string): readonly Grant[] {
    let grants = this.#grants.get(namespace);
    if (grants === undefined) {
      const bindings = this.#bindings.get(namespace);
      grants = bindings === undefined ? NO_GRANTS : arrange(namespace, bindings);
      if (bindings !== undefined) this.#grants.set(namespace, grants);
    }
    return grants.get(`${kind}:${name}`) ?? [];
  }

  /** The rules of a role; undefined where there is none. An aggregating role has those of the roles that it selects. */
  rulesOf(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    if (ref.kind === 'Role') return rules(this.#roles.get(joinKey(namespace, ref.name)));
    const role = this.#clusterRoles.get(ref.name);
    return role?.aggregationRule === undefined ? rules(role) : this.#aggregatedRules(ref.name, role);
  }

  #aggregatedRules(name: string, role: ClusterRole): readonly PolicyRule[] {
    const known = this.#aggregated.get(name);
    if (known !== undefined) return known;
    const found = aggregatedRules(role, [...this.#clusterRoles.values()]);
    this.#aggregated.set(name, found);
    return found;
  }
}

/**
 * The rules that an aggregating role has: those of the other roles that its selectors name, in the order of their names,
 * each once. Roles that aggregate themselves contribute what they were given.
 */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[], depth = 0): PolicyRule[] {
  if (depth > MAX_AGGREGATION_DEPTH) return [];
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map((object) => LabelSelector.from(object));
  const byName = [...all].sort((a, b) => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1));
  const found = new Map<string, PolicyRule>();
  for (const selector of selectors) {
    for (const other of byName) {
      if (other.metadata?.name === role.metadata?.name || !selector.matches(other.metadata?.labels)) continue;
      const given = other.aggregationRule === undefined ? (other.rules ?? []) : aggregatedRules(other, all, depth + 1);
      for (const rule of given) found.set(JSON.stringify(rule), rule);
    }
  }
  return [...found.values()];
}

/** Roles that aggregate each other must come to an end. */
const MAX_AGGREGATION_DEPTH = 8;

function put(map: Map<string, KubeObject>, key: string, object: KubeObject | undefined): void {
  if (object === undefined) map.delete(key);
  else map.set(key, object);
}

function rules(role: ClusterRole | undefined): readonly PolicyRule[] | undefined {
  return role === undefined ? undefined : (role.rules ?? []);
}

function arrange(namespace: string, bindings: ReadonlyMap<string, Binding>): Grants {
  const grants = [...bindings].flatMap(([binding, { subjects, roleRef }]) =>
    roleRef === undefined ? [] : (subjects ?? []).map((subject) => ({ subject, roleRef, binding, namespace })),
  );
  return Map.groupBy(grants, ({ subject }) => subjectKey(subject, namespace));
}

/** Service accounts are users with a name of their own. */
function subjectKey({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind}:${name}`;
  return `User:system:serviceaccount:${namespace ?? bindingNamespace}:${name}`;
}
