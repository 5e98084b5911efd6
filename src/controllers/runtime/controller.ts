import type { KubeObject } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type Action,
  type Change,
  EventRecorder,
  type Informer,
  type InformerSet,
  type KubeClient,
  Reconciler,
  type Reconciliation,
} from '../../client/index.ts';
import type { KeyPair } from '../../pki/index.ts';

/** What every controller is built from. */
export interface ControllerContext {
  /** Its own writes are read back at once from `informers`. */
  readonly client: KubeClient;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The authority of the API server's certificate, as pods get it. */
  readonly rootCaPem: string;
  /** What signs approved certificate requests. Absent: nobody does here. */
  readonly authority?: KeyPair;
  /** Addresses that each node has beside those that it reports: where its pods reach the metaserver. */
  readonly edgeAddresses?: readonly string[];
}

/** A running controller. Its informers are asked for when it is made and filled before it is started. */
export interface Controller {
  readonly name: string;
  start(): void;
  close(): Promise<void>;
}

/** Puts the keys that a change concerns into the queue, until the returned function is called. */
export type Trigger = (enqueue: (key: string) => void) => () => void;

/** The keys that an object concerns, as it was before and as it is after each change. */
export function onChange<T extends KubeObject>(
  informer: Informer<T>,
  keysOf: (object: T) => readonly string[],
): Trigger {
  return onEach(informer, ({ before, after }) => [...(before ? keysOf(before) : []), ...(after ? keysOf(after) : [])]);
}

/** For controllers that look at both sides of a change. */
export function onEach<T extends KubeObject>(
  informer: Informer<T>,
  keysOf: (change: Change<T>) => readonly string[],
): Trigger {
  return (enqueue) =>
    informer.onChange((change) => {
      for (const key of keysOf(change)) enqueue(key);
    });
}

/** The common form of a controller: triggers in front of one reconciler. */
export function reconciling<S, A extends Action>(
  context: ControllerContext,
  reconciliation: Reconciliation<S, A>,
  triggers: readonly Trigger[],
  ownEvents?: EventRecorder,
): Controller {
  const reconciler = new Reconciler(reconciliation, { ...context, logger: context.logger.child(reconciliation.name) });
  const ends: (() => void)[] = [];
  return {
    name: reconciliation.name,
    start: () => {
      for (const trigger of triggers) ends.push(trigger((key) => reconciler.enqueue(key)));
    },
    close: async () => {
      for (const end of ends.splice(0)) end();
      await reconciler.close();
      await ownEvents?.close();
    },
  };
}

/** The recorder of one controller, named as upstream names it in `source.component`. */
export function recorderFor(context: ControllerContext, component: string): EventRecorder {
  const { client, clock, logger } = context;
  return new EventRecorder({ client, clock, logger, component });
}
