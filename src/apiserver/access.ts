/** Who may do what: the rules of the stored roles and bindings, kept in memory as they change. */
import type { Caller } from '../client/index.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission/admission.ts';
import {
  assertAllowed,
  EscalationCheck,
  mastersAuthorizer,
  RBAC_RESOURCES,
  RbacAuthorizer,
  RbacIndex,
  UnionAuthorizer,
  type Attributes,
  type Authorizer,
  type RbacResource,
} from './auth/index.ts';
import { parseStored } from './registry/codec.ts';
import type { ObjectStore } from './store/index.ts';

/** Agents are trusted with everything until they are held to their own objects. */
const nodesAuthorizer: Authorizer = {
  authorize: ({ groups }) => ({ allowed: groups.includes('system:nodes'), reason: '' }),
};

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export class Access implements AdmissionPlugin {
  readonly name = 'RBACEscalation';
  readonly rbac: RbacAuthorizer;
  readonly authorizer: Authorizer;
  readonly #store: ObjectStore;
  readonly #index = new RbacIndex();
  readonly #escalation: EscalationCheck;

  constructor(store: ObjectStore) {
    this.#store = store;
    this.rbac = new RbacAuthorizer(this.#index);
    this.authorizer = new UnionAuthorizer([mastersAuthorizer, nodesAuthorizer, this.rbac]);
    this.#escalation = new EscalationCheck(this.#index, this.rbac, this.authorizer);
  }

  /** Takes in what is stored and follows it. */
  async start(): Promise<void> {
    for (const resource of RBAC_RESOURCES) await this.#follow(resource);
  }

  /** Throws Forbidden. */
  assertAllowed(caller: Caller, attributes: Attributes): void {
    assertAllowed(this.authorizer, caller, attributes);
  }

  /** Nobody gives what they do not have. */
  validate({ operation, resource, subresource, namespace, object, oldObject, caller }: AdmissionRequest): void {
    if (resource.group !== RBAC_GROUP || subresource !== '' || object === undefined || operation === 'DELETE') return;
    const kind = RBAC_RESOURCES.find((each) => each === resource.plural);
    if (kind !== undefined) this.#escalation.check({ resource: kind, namespace, object, oldObject, caller });
  }

  async #follow(resource: RbacResource): Promise<void> {
    const key = `${resource}.${RBAC_GROUP}`;
    const page = await this.#store.list({ resource: key });
    for (const stored of page.items) this.#index.set(resource, stored.key, parseStored(stored));
    this.#store.watch(key, page.revision, (event) => {
      this.#index.set(resource, event.key, event.type === 'DELETED' ? undefined : parseStored(event));
    });
  }
}
