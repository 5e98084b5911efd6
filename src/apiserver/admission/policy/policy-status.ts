/** Tells of every ValidatingAdmissionPolicy that its types were checked: upstream's `validatingadmissionpolicy-status-controller`. */
import type { KubeObject } from '../../../api/object.ts';
import type { SchemaSet } from '../../../api/schema.ts';
import { hasReason } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { ApiRequest, ApiResponse } from '../../../client/index.ts';
import { parseStored } from '../../registry/codec.ts';
import { Rounds } from '../../registry/rounds.ts';
import type { ObjectStore } from '../../store/index.ts';
import type { ValidatingSpec } from './decide.ts';
import { type KindsOf, typeWarnings } from './type-check.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const FIELD_MANAGER = 'validatingadmissionpolicy-status';

export interface PolicyStatusParts {
  readonly store: ObjectStore;
  readonly schemas: SchemaSet;
  readonly kindOf: KindsOf;
  /** A request of the server itself. Rejects where it is refused. */
  readonly send: (request: ApiRequest, signal: AbortSignal) => Promise<ApiResponse>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PolicyStatus {
  readonly #parts: PolicyStatusParts;
  readonly #rounds: Rounds;
  #unwatch: () => void = () => undefined;

  constructor(parts: PolicyStatusParts) {
    this.#parts = parts;
    const { clock, logger } = parts;
    const failure = 'the status of an admission policy could not be written';
    this.#rounds = new Rounds({ round: (signal) => this.#round(signal), failure, clock, logger });
  }

  async start(): Promise<void> {
    const { store } = this.#parts;
    const { revision } = await store.list({ resource: POLICIES, limit: 1 });
    this.#unwatch = store.watch(POLICIES, revision, () => this.#rounds.wake());
    this.#rounds.wake();
  }

  async close(): Promise<void> {
    this.#unwatch();
    await this.#rounds.close();
  }

  async #round(signal: AbortSignal): Promise<boolean> {
    const { items } = await this.#parts.store.list({ resource: POLICIES });
    for (const policy of items.map(parseStored)) if (isUnchecked(policy)) await this.#check(policy, signal);
    return true;
  }

  async #check(policy: KubeObject, signal: AbortSignal): Promise<void> {
    const { schemas, kindOf, send } = this.#parts;
    const { name = '', generation = 0 } = policy.metadata ?? {};
    // Validated when it was stored.
    const spec: ValidatingSpec = policy['spec'] ?? {};
    const warnings = typeWarnings(spec, kindOf, schemas);
    const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings };
    const apply = {
      apiVersion: `${GROUP}/v1`,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      status: { observedGeneration: generation, typeChecking },
    };
    const query = `fieldManager=${FIELD_MANAGER}&force=true`;
    const target = `/apis/${GROUP}/v1/validatingadmissionpolicies/${encodeURIComponent(name)}/status?${query}`;
    const headers = { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' };
    const body = Buffer.from(JSON.stringify(apply));
    await send({ method: 'PATCH', target, headers, body }, signal).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error;
    });
  }
}

function isUnchecked({ metadata, status }: KubeObject): boolean {
  const { observedGeneration, typeChecking } = (status ?? {}) as { observedGeneration?: number; typeChecking?: object };
  return observedGeneration !== metadata?.generation || typeChecking === undefined;
}
