/** Keeps the Node object of this machine true: registered, labelled, its status reported. */
import type { Node } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient } from '../../client/index.ts';
import type { MachineFacts, NodeFacts, NodeImage, NodeSettings, RuntimeFacts } from './node-facts.ts';
import { type NodeAction, planNode, statusPatch } from './node-plan.ts';

const NODES = builtIn('v1', 'nodes');

/** While the engine is away or the Node is not there yet: how soon either is seen. */
const EAGER_PERIOD_MS = 500;
const CALL_TIMEOUT_MS = 10_000;
const RETRY: BackoffPolicy = { baseMs: 200, maxMs: 10_000, jitter: 0.2 };

/** What the node asks of the engine; `ContainerRuntime` has it. Rejects where the engine does not answer. */
export interface NodeRuntime {
  version(signal: AbortSignal): Promise<{ readonly version: string }>;
  images(signal: AbortSignal): Promise<readonly NodeImage[]>;
}

export interface NodeAgentOptions {
  readonly settings: () => NodeSettings;
  readonly client: KubeClient;
  readonly runtime: NodeRuntime;
  readonly readMachine: () => Promise<MachineFacts>;
  /** The present address of the node: it may change. */
  readonly readAddress: () => Promise<string>;
  /** Where the engine should answer, for the message when it does not. */
  readonly dockerAddress: string;
  readonly lookPeriodMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

type Execute = {
  [K in NodeAction['kind']]: (
    action: Extract<NodeAction, { kind: K }>,
    signal: AbortSignal,
  ) => Promise<Node | undefined>;
};

export class NodeAgent implements Component {
  readonly name = 'node';
  readonly #options: NodeAgentOptions;
  readonly #closing = new AbortController();
  readonly #execute: Execute;
  #loop: Promise<void> | undefined;
  #wake = new AbortController();
  #runtime: RuntimeFacts['kind'] | undefined;
  #waiting = false;

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    const { client } = options;
    const target = () => ({ name: options.settings().nodeName });
    this.#execute = {
      create: ({ node }, signal) => client.create<Node>(NODES, {}, node, signal),
      label: ({ labels }, signal) => client.patch<Node>(NODES, target(), 'merge', { metadata: { labels } }, signal),
      report: ({ status }, signal) =>
        client.patch<Node>(NODES, { ...target(), subresource: 'status' }, 'strategic', statusPatch(status), signal),
      wait: ({ reason }) => this.#waitForNode(reason),
    };
  }

  /** Does not wait for the API or the engine: both may be away for days. */
  start(_signal: AbortSignal): Promise<void> {
    this.#loop ??= this.#run(this.#closing.signal);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  /** Something about the node may have changed (the engine went or came): looks at once instead of at the next period. */
  hasten(): void {
    this.#wake.abort();
  }

  /** One look: reads the facts and the Node, and does what the plan says. Tells in how many ms to look again. */
  async look(signal: AbortSignal): Promise<number> {
    const [facts, observed] = await Promise.all([this.#facts(signal), this.#observe(signal)]);
    const { settings, clock, lookPeriodMs, logger } = this.#options;
    let node = observed;
    // A Node that was just made may have lost its status or labels on the way: the second round sets them.
    for (let round = 0; round < 2; round += 1) {
      const actions = planNode(facts, settings(), node, clock.now());
      for (const action of actions) {
        logger.debug({ action: action.kind, reason: action.reason }, 'node');
        // TypeScript cannot see that executor and action belong together.
        const execute = this.#execute[action.kind] as (action: NodeAction, signal: AbortSignal) => Promise<Node>;
        node = (await execute(action, signal)) ?? node;
      }
      if (actions.length === 0) break;
    }
    return facts.runtime.kind === 'up' && node !== undefined ? lookPeriodMs : Math.min(EAGER_PERIOD_MS, lookPeriodMs);
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      this.#wake = new AbortController();
      const wait = await this.look(AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)])).then(
        (ms) => {
          failures = 0;
          return ms;
        },
        (error: unknown) => this.#failed(error, failures++),
      );
      // Woken or closed: the condition of the loop tells which.
      await this.#options.clock.sleep(wait, AbortSignal.any([signal, this.#wake.signal])).catch(() => undefined);
    }
  }

  #waitForNode(reason: string): Promise<undefined> {
    if (!this.#waiting) this.#options.logger.info({}, `${reason}: make it (kubectl apply -f build/node.json)`);
    this.#waiting = true;
    return Promise.resolve(undefined);
  }

  #failed(error: unknown, failures: number): number {
    const { logger, random } = this.#options;
    if (!this.#closing.signal.aborted) {
      const fields = { err: error, node: this.#options.settings().nodeName };
      if (failures === 0) logger.warn(fields, 'the node cannot be reported; trying on');
      else logger.debug(fields, 'the node still cannot be reported');
    }
    return backoffMs(RETRY, failures, random);
  }

  async #observe(signal: AbortSignal): Promise<Node | undefined> {
    try {
      return await this.#options.client.get<Node>(NODES, { name: this.#options.settings().nodeName }, signal);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #facts(signal: AbortSignal): Promise<NodeFacts> {
    const { readMachine, readAddress } = this.#options;
    const [machine, address, runtime] = await Promise.all([readMachine(), readAddress(), this.#askRuntime(signal)]);
    return { machine, address, runtime };
  }

  async #askRuntime(signal: AbortSignal): Promise<RuntimeFacts> {
    const { runtime, dockerAddress, logger } = this.#options;
    try {
      const [{ version }, images] = await Promise.all([runtime.version(signal), runtime.images(signal)]);
      if (this.#runtime === 'down') logger.info({ version }, 'Docker answers again');
      this.#runtime = 'up';
      return { kind: 'up', version, images };
    } catch (error) {
      this.#closing.signal.throwIfAborted();
      const message = `container runtime is down: ${runtimeDown(dockerAddress, error)}`;
      if (this.#runtime !== 'down') logger.error({ err: error }, message);
      this.#runtime = 'down';
      return { kind: 'down', message };
    }
  }
}

function runtimeDown(address: string, error: unknown): string {
  return (
    `Docker Engine does not answer at ${address} (${messageOf(error)}). ` +
    'Start it (systemctl start docker), install it (./edgesite --install-docker) or correct edged.docker-address.'
  );
}
