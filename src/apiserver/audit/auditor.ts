/** Writes down who asked for what, and what became of it: `audit.k8s.io/v1` Events, one a line. */
import { randomUUID } from 'node:crypto';
import { userInfo } from '../../api/caller.ts';
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { RequestInfo } from '../../auth/index.ts';
import type { ApiRequest, ApiResponse, Caller } from '../../client/index.ts';
import type { AuditLog } from './audit-log.ts';
import { type AuditDecision, type AuditPolicy, decideAudit, type Stage } from './policy.ts';

export interface AuditorParts {
  readonly policy: AuditPolicy;
  readonly log: AuditLog;
  readonly now: () => number;
}

export interface AuditedRequest {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly caller: Caller;
  /** Address of the client; empty within the process. */
  readonly from: string;
}

export class Auditor {
  readonly #parts: AuditorParts;

  constructor(parts: AuditorParts) {
    this.#parts = parts;
  }

  /** Undefined where the policy wants nothing of the request. */
  begin(audited: AuditedRequest): AuditTrail | undefined {
    const { policy, log, now } = this.#parts;
    const decision = decideAudit(policy, audited.caller, audited.info);
    if (decision.level === 'None') return undefined;
    const trail = new AuditTrail(audited, decision, log, now);
    trail.received();
    return trail;
  }

  async close(): Promise<void> {
    await this.#parts.log.flush();
  }
}

/** The events of one request. */
export class AuditTrail {
  readonly #audited: AuditedRequest;
  readonly #decision: AuditDecision;
  readonly #log: AuditLog;
  readonly #now: () => number;
  readonly #id = randomUUID();
  readonly #received: string;
  readonly #annotations: Record<string, string> = {};
  #actsFor: Caller | undefined;

  constructor(audited: AuditedRequest, decision: AuditDecision, log: AuditLog, now: () => number) {
    this.#audited = audited;
    this.#decision = decision;
    this.#log = log;
    this.#now = now;
    this.#received = microTime(now());
  }

  /** The first value of a key counts. */
  readonly annotate = (key: string, value: string): void => {
    this.#annotations[key] ??= value;
  };

  /** The request is made in the name of another. */
  actsFor(caller: Caller): void {
    if (caller !== this.#audited.caller) this.#actsFor = caller;
  }

  received(): void {
    this.#write('RequestReceived', {});
  }

  /** The answer is on its way; a stream ends with the request, by its signal. */
  answered({ status, body }: ApiResponse, signal: AbortSignal): void {
    this.#annotations['authorization.k8s.io/decision'] ??= status === 403 ? 'forbid' : 'allow';
    const responseStatus = { metadata: {}, code: status };
    if (body instanceof Uint8Array) {
      const object = jsonIn(body);
      const isStatus = isObject(object) && object.kind === 'Status';
      const told = isStatus ? pick(object, ['status', 'message', 'reason', 'details']) : {};
      this.#write('ResponseComplete', { responseStatus: { ...responseStatus, ...told }, ...this.#response(object) });
      return;
    }
    this.#write('ResponseStarted', { responseStatus });
    const complete = (): void => this.#write('ResponseComplete', { responseStatus });
    if (signal.aborted) complete();
    else signal.addEventListener('abort', complete, { once: true });
  }

  /** A connection has switched protocols. */
  switched(signal: AbortSignal): void {
    const responseStatus = { metadata: {}, code: 101 };
    this.#write('ResponseStarted', { responseStatus });
    signal.addEventListener('abort', () => this.#write('ResponseComplete', { responseStatus }), { once: true });
  }

  #response(object: JsonValue | undefined): object {
    return this.#decision.level === 'RequestResponse' && object !== undefined
      ? { responseObject: this.#shown(object) }
      : {};
  }

  #requested(): object {
    const { request, info } = this.#audited;
    const { level } = this.#decision;
    if ((level !== 'Request' && level !== 'RequestResponse') || !info.isResource || request.body === undefined)
      return {};
    const object = jsonIn(request.body);
    return object === undefined ? {} : { requestObject: this.#shown(object) };
  }

  #shown(object: JsonValue): JsonValue {
    return this.#decision.omitManagedFields ? withoutManagedFields(object) : object;
  }

  #write(stage: Stage, outcome: object): void {
    if (this.#decision.omits(stage)) return;
    const { request, info, caller, from } = this.#audited;
    const stages = stage === 'RequestReceived' ? {} : this.#requested();
    const userAgent = request.headers['user-agent'];
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.#decision.level,
      auditID: this.#id,
      stage,
      requestURI: request.target,
      verb: info.verb,
      user: userInfo(caller),
      ...(this.#actsFor === undefined ? {} : { impersonatedUser: userInfo(this.#actsFor) }),
      ...(from === '' ? {} : { sourceIPs: [from] }),
      ...(userAgent === undefined ? {} : { userAgent }),
      ...(info.isResource ? { objectRef: referenceOf(info, request) } : {}),
      ...stages,
      ...outcome,
      requestReceivedTimestamp: this.#received,
      stageTimestamp: microTime(this.#now()),
      ...(Object.keys(this.#annotations).length === 0 ? {} : { annotations: this.#annotations }),
    };
    this.#log.write(JSON.stringify(event));
  }
}

function referenceOf(info: RequestInfo, request: ApiRequest): object {
  const { resource, namespace, group, version, subresource } = info;
  const name = info.name === '' ? nameIn(request) : info.name;
  return {
    resource,
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(subresource === '' ? {} : { subresource }),
  };
}

/** What is created has its name in the body. */
function nameIn({ method, body }: ApiRequest): string {
  const object = method === 'POST' && body !== undefined ? jsonIn(body) : undefined;
  const metadata = isObject(object) && isObject(object.metadata) ? object.metadata : {};
  return typeof metadata.name === 'string' ? metadata.name : '';
}

/** Bodies that are no JSON (protobuf, YAML, logs) are not shown. */
function jsonIn(bytes: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as JsonValue;
  } catch {
    return undefined;
  }
}

function pick(object: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => members.includes(key)));
}

/** Of an object, and of each in a list. */
function withoutManagedFields(value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  const { metadata, items } = value;
  const kept = isObject(metadata)
    ? { metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== 'managedFields')) }
    : {};
  return { ...value, ...kept, ...(Array.isArray(items) ? { items: items.map(withoutManagedFields) } : {}) };
}

/** RFC 3339 with microseconds. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '000Z');
}
