import type { KubeObject } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { hasReason } from '../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/index.ts';

const DEFINITIONS = builtIn('apiextensions.k8s.io/v1', 'customresourcedefinitions');
const RETRY: BackoffPolicy = { baseMs: 1_000, maxMs: 60_000, jitter: 0.2 };

interface Version {
  readonly storage?: boolean;
}

export interface ExternalDefinitionsNeeds {
  readonly client: KubeClient;
  /** Reads what the site would bring to a cluster of its own. */
  readonly read: () => Promise<readonly KubeObject[]>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Makes the definitions that somebody else's API server lacks, in the background. One that is there is left as it is, and
 * only the version that is stored is served: nobody there converts others.
 */
export class ExternalDefinitions implements Component {
  readonly name = 'definitions';
  readonly #needs: ExternalDefinitionsNeeds;
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;

  constructor(needs: ExternalDefinitionsNeeds) {
    this.#needs = needs;
  }

  /** Does not wait for the API: it may be away. */
  start(): Promise<void> {
    this.#working = this.#makeAll(this.#closing.signal);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#working;
  }

  async #makeAll(signal: AbortSignal): Promise<void> {
    const objects = await this.#needs.read();
    for (const object of objects)
      if (object.kind === DEFINITIONS.kind) await this.#make(withStoredVersion(object), signal);
  }

  async #make(definition: KubeObject, signal: AbortSignal): Promise<void> {
    const { client, clock, random, logger } = this.#needs;
    const name = definition.metadata?.name;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await client.create(DEFINITIONS, {}, definition, signal);
        return logger.info({ name }, 'definition made at the external API server');
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) return;
        if (hasReason(error, 'Forbidden') || hasReason(error, 'Invalid')) {
          return logger.warn({ name, why: messageOf(error) }, 'definition not made: apply manifests/ there by hand');
        }
        logger.debug({ name, why: messageOf(error) }, 'definition not made yet');
      }
      await clock.sleep(backoffMs(RETRY, attempt, random), signal).catch(() => undefined); // ended by `close`
    }
  }
}

function withStoredVersion(definition: KubeObject): KubeObject {
  const spec = definition['spec'] as { versions: readonly Version[] }; // the file is ours
  return { ...definition, spec: { ...spec, versions: spec.versions.filter(({ storage }) => storage === true) } };
}
