import { joinKey, type KubeObject } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import {
  type Authorizer,
  mastersAuthorizer,
  RBAC_RESOURCES,
  RbacAuthorizer,
  RbacIndex,
  UnionAuthorizer,
} from '../../auth/index.ts';
import type { Clock } from '../../base/clock.ts';
import { Informer, type InformerOptions } from '../../client/index.ts';
import { type Collection, type EdgeStore, InformerSnapshot } from '../../edgestore/index.ts';

const RBAC_VERSION = 'rbac.authorization.k8s.io/v1';
const SERVICE_ACCOUNTS = builtIn('v1', 'serviceaccounts');
/** A first start without the API must not be held up: until something is known, requests are told to come back. */
const SYNC_TIMEOUT_MS = 5_000;

/** What decisions rest on: it stays in the edge store however full that is. */
export const GATE_COLLECTIONS: readonly Collection[] = [
  SERVICE_ACCOUNTS,
  ...RBAC_RESOURCES.map((plural) => builtIn(RBAC_VERSION, plural)),
];

/** Roles, bindings and service accounts as the API last told of them, also after a start without it. */
export class EdgeRoles {
  readonly #index = new RbacIndex();
  readonly #informers: Informer[];
  readonly #accounts: Informer;
  readonly #clock: Clock;
  /** Decides from memory. */
  readonly authorizer: Authorizer;

  constructor(options: Pick<InformerOptions, 'client' | 'clock' | 'random' | 'logger'>, store: EdgeStore) {
    this.#clock = options.clock;
    const informer = (resource: typeof SERVICE_ACCOUNTS): Informer =>
      new Informer({ ...options, resource, snapshot: new InformerSnapshot(store, { resource }, options.logger) });
    this.#accounts = informer(SERVICE_ACCOUNTS);
    this.#informers = [this.#accounts];
    for (const plural of RBAC_RESOURCES) {
      const roles = informer(builtIn(RBAC_VERSION, plural));
      roles.onChange(({ key, after }) => this.#index.set(plural, key, after));
      this.#informers.push(roles);
    }
    this.authorizer = new UnionAuthorizer([mastersAuthorizer, new RbacAuthorizer(this.#index)]);
  }

  /** Whether all of it is known, from the API or from the edge store. */
  get known(): boolean {
    return this.#informers.every(({ synced }) => synced);
  }

  /** Tells of every change of roles and bindings. */
  onChange(listener: () => void): void {
    for (const informer of this.#informers) if (informer !== this.#accounts) informer.onChange(listener);
  }

  account(namespace: string, name: string): KubeObject | undefined {
    return this.#accounts.objects.get(joinKey(namespace, name));
  }

  async start(signal: AbortSignal): Promise<void> {
    for (const informer of this.#informers) informer.start();
    const synced = Promise.all(this.#informers.map((informer) => informer.whenSynced()));
    const settled = new AbortController();
    const late = this.#clock.sleep(SYNC_TIMEOUT_MS, AbortSignal.any([signal, settled.signal]));
    await Promise.race([synced, late]).finally(() => settled.abort());
  }

  async close(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.close()));
  }
}
