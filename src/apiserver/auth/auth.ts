/** Authentication and authorization of the API server, put together. */
import type { KubeObject } from '../../api/object.ts';
import {
  assertAllowed,
  type Attributes,
  type Authorizer,
  mastersAuthorizer,
  parseTarget,
  RBAC_RESOURCES,
  RbacAuthorizer,
  RbacIndex,
  requestAttributes,
  requestInfo,
  type RequestInfo,
  ServiceAccountTokens,
  type TokenObjects,
  UnionAuthorizer,
} from '../../auth/index.ts';
import type { ApiRequest, Caller } from '../../client/index.ts';
import type { PeerCertificate } from '../../http/index.ts';
import type { AdmissionChain, AdmissionPlugin } from '../admission/admission.ts';
import { followObjects } from '../registry/follow-objects.ts';
import type { CallHandler } from '../registry/router.ts';
import type { FieldOwnership } from '../registry/write-context.ts';
import type { BodyDecoder } from '../schema/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { Authenticator } from './authenticator.ts';
import { impersonated, isImpersonating, onBehalfOf } from './impersonation.ts';
import { NodeAuthorizer } from './node/node-authorizer.ts';
import { NodeIndex } from './node/node-index.ts';
import { nodeRules } from './policy/bootstrap-policy.ts';
import { EscalationCheck, escalationPlugin } from './escalation.ts';
import { reviewHandlers } from './reviews/review-handlers.ts';
import type { StaticTokens } from './tokens/static-tokens.ts';
import { TokenIssuer, type TokenKeys } from './tokens/token-issuer.ts';

export interface AuthParts {
  readonly keys: TokenKeys;
  readonly objects: TokenObjects;
  readonly now: () => number;
  readonly staticTokens: StaticTokens;
}

export class Auth {
  readonly issuer: TokenIssuer;
  readonly authorizer: Authorizer;
  readonly #parts: AuthParts;
  readonly #roles = new RbacIndex();
  readonly #nodes = new NodeIndex();
  readonly #rbac = new RbacAuthorizer(this.#roles);
  readonly #authenticator: Authenticator;
  readonly #endings: (() => void)[] = [];

  constructor(parts: AuthParts) {
    const { keys, objects, now, staticTokens } = parts;
    this.#parts = parts;
    this.issuer = new TokenIssuer(keys, now);
    const nodes = new NodeAuthorizer(this.#nodes, nodeRules());
    this.authorizer = new UnionAuthorizer([mastersAuthorizer, nodes, this.#rbac]);
    const serviceAccounts = new ServiceAccountTokens(this.issuer.trusted, objects, now);
    const { audiences } = this.issuer;
    this.#authenticator = new Authenticator({ serviceAccounts, staticTokens, audiences, objects, now });
  }

  /** Who asks over the wire. Rejects with Unauthorized. */
  async authenticate({ headers }: ApiRequest, certificate: PeerCertificate | undefined): Promise<Caller> {
    return await this.#authenticator.authenticate({ headers, certificate });
  }

  /** For whom a caller over the wire asks, by its headers. Throws Forbidden, BadRequest. */
  impersonated(caller: Caller, request: ApiRequest): Caller {
    const { headers } = request;
    return isImpersonating(headers) ? impersonated(caller, headers, attributesOf(request), this.authorizer) : caller;
  }

  /** For whom a caller in the process speaks. Throws Forbidden. */
  represented(caller: Caller, request: ApiRequest): Caller {
    const { onBehalfOf: other } = request;
    return other === undefined ? caller : onBehalfOf(caller, other, attributesOf(request), this.authorizer);
  }

  /** Throws Forbidden. */
  authorize(caller: Caller, info: RequestInfo, query: URLSearchParams): void {
    assertAllowed(this.authorizer, caller, requestAttributes(info, query));
  }

  /** Keeps what decisions rest on in step with the store, from now on until `close`. */
  async follow(store: ObjectStore): Promise<void> {
    const follow = async (resource: string, set: (key: string, object: KubeObject | undefined) => void) => {
      this.#endings.push(await followObjects(store, resource, set));
    };
    for (const resource of RBAC_RESOURCES) {
      await follow(`${resource}.rbac.authorization.k8s.io`, (key, object) => this.#roles.set(resource, key, object));
    }
    await follow('pods', (key, object) => this.#nodes.setPod(key, object));
    await follow('persistentvolumeclaims', (key, object) => this.#nodes.setClaim(key, object));
  }

  close(): void {
    for (const end of this.#endings.splice(0)) end();
  }

  /** Refuses roles and bindings that would give more than their author has. */
  admission(): AdmissionPlugin {
    return escalationPlugin(new EscalationCheck(this.#roles, this.#rbac, this.authorizer));
  }

  /** What answers the reviews and token requests, by resource. */
  handlers(decoder: BodyDecoder, ownership: FieldOwnership, admission: AdmissionChain): Record<string, CallHandler> {
    const { objects, now } = this.#parts;
    return reviewHandlers({
      decoder,
      ownership,
      admission,
      objects,
      now,
      issuer: this.issuer,
      authorizer: this.authorizer,
      rbac: this.#rbac,
      authenticator: this.#authenticator,
    });
  }
}

function attributesOf({ method, target }: Pick<ApiRequest, 'method' | 'target'>): Attributes {
  const parsed = parseTarget(target);
  return requestAttributes(requestInfo(method, parsed), parsed.query);
}
