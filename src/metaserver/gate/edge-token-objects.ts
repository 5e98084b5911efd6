import type { KubeObject } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import type { TokenObjects } from '../../auth/index.ts';
import type { CachedReader, EdgeStore, Scope } from '../../edgestore/index.ts';
import type { EdgeRoles } from './edge-roles.ts';

const PODS = builtIn('v1', 'pods');

export interface EdgeTokenObjectsNeeds {
  readonly roles: EdgeRoles;
  readonly store: EdgeStore;
  readonly reader: CachedReader;
  /** The pods that the node agent keeps in the edge store, up to date while the API answers. Absent: there is no agent. */
  readonly ownPods?: Scope;
  readonly signal: AbortSignal;
}

/**
 * What a token is bound to: from memory or the edge store where that is kept up to date, else from the API, else as last
 * seen. Rejects with ServiceUnavailable for what the edge has never seen while the API is away.
 */
export class EdgeTokenObjects implements TokenObjects {
  readonly #needs: EdgeTokenObjectsNeeds;

  constructor(needs: EdgeTokenObjectsNeeds) {
    this.#needs = needs;
  }

  async get(plural: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.#atHand(plural, namespace, name) ?? (await this.#read(plural, namespace, name));
  }

  #atHand(plural: string, namespace: string, name: string): KubeObject | undefined {
    const { roles, store, ownPods } = this.#needs;
    if (plural === 'serviceaccounts') return roles.account(namespace, name);
    if (plural !== 'pods' || ownPods === undefined || store.scope(ownPods) === undefined) return undefined;
    const kept = store.get(PODS, namespace, name);
    return kept === undefined ? undefined : (JSON.parse(kept.json) as KubeObject);
  }

  async #read(plural: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    const { reader, signal } = this.#needs;
    const scope = namespace === '' ? undefined : namespace;
    try {
      return (await reader.get(builtIn('v1', plural), scope, name, signal)).object;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
