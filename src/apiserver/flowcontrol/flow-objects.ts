/** Feeds flow control from its objects, and tells of each schema whether its level is there. */
import type { FlowSchema } from '../../api/kinds.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ApiRequest, ApiResponse } from '../../client/index.ts';
import { followObjects } from '../registry/follow-objects.ts';
import type { ObjectStore } from '../store/index.ts';
import type { FlowControl } from './flow-control.ts';
import { planDangling } from './plan-dangling.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
/** Upstream's name for the same writer. */
const FIELD_MANAGER = 'api-priority-and-fairness-config-consumer-v1';
const RETRY_MS = 1_000;

export interface FlowObjectsParts {
  readonly store: ObjectStore;
  readonly flowControl: FlowControl;
  /** A request of the server itself. Rejects where it is refused. */
  readonly send: (request: ApiRequest, signal: AbortSignal) => Promise<ApiResponse>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class FlowObjects {
  readonly #parts: FlowObjectsParts;
  readonly #schemas = new Map<string, FlowSchema>();
  readonly #levels = new Set<string>();
  readonly #ending = new AbortController();
  #endings: (() => void)[] = [];
  #dirty = false;
  #worker: Promise<void> | undefined;

  constructor(parts: FlowObjectsParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { store, flowControl } = this.#parts;
    const levels = await followObjects(store, `prioritylevelconfigurations.${GROUP}`, (name, object) => {
      flowControl.setLevel(name, object);
      if (object === undefined) this.#levels.delete(name);
      else this.#levels.add(name);
      this.#wake();
    });
    const schemas = await followObjects(store, `flowschemas.${GROUP}`, (name, object) => {
      flowControl.setSchema(name, object);
      if (object === undefined) this.#schemas.delete(name);
      else this.#schemas.set(name, object);
      this.#wake();
    });
    this.#endings = [levels, schemas];
  }

  async close(): Promise<void> {
    for (const end of this.#endings.splice(0)) end();
    this.#ending.abort();
    await this.#worker;
  }

  #wake(): void {
    this.#dirty = true;
    this.#worker ??= this.#work().finally(() => {
      this.#worker = undefined;
    });
  }

  async #work(): Promise<void> {
    const { clock, logger } = this.#parts;
    const { signal } = this.#ending;
    while (this.#dirty && !signal.aborted) {
      this.#dirty = false;
      try {
        await this.#tellAll(signal);
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ why: messageOf(error) }, 'the status of a flow schema could not be written');
        this.#dirty = true;
        await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  async #tellAll(signal: AbortSignal): Promise<void> {
    for (const schema of this.#schemas.values()) {
      const level = schema.spec?.priorityLevelConfiguration.name ?? '';
      const condition = planDangling(schema, this.#levels.has(level), this.#parts.clock.now());
      if (condition !== undefined) await this.#tell(schema, condition, signal);
    }
  }

  async #tell({ apiVersion, kind, metadata }: FlowSchema, condition: object, signal: AbortSignal): Promise<void> {
    const name = metadata?.name ?? '';
    const body = { apiVersion, kind, metadata: { name }, status: { conditions: [condition] } };
    await this.#parts.send(
      {
        method: 'PATCH',
        target: `/apis/${GROUP}/v1/flowschemas/${name}/status?fieldManager=${FIELD_MANAGER}&force=true`,
        headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
      },
      signal,
    );
  }
}
