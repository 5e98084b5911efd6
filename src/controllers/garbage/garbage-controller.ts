import { equalJson } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { BUILT_IN_RESOURCES, type ResourceInfo, resourceKey, type Verb } from '../../api/resources.ts';
import { type Change, discoverResources, Reconciler } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../runtime/controller.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../runtime/resources.ts';
import { garbageExecutors } from './garbage-executors.ts';
import { type GarbageAction, type ItemState, planGarbage } from './garbage-plan.ts';
import { itemKey, OwnerGraph } from './owner-graph.ts';

const NEEDED: readonly Verb[] = ['list', 'watch', 'delete'];
/** After a definition has changed, the server takes a moment to serve what it says. */
const SETTLE_MS = 500;
const RESOURCES = 'resources';

type Collectable = Pick<ResourceInfo, 'group' | 'plural' | 'verbs'>;

/** Events are many, short-lived and owned by nobody. */
function isCollectable({ plural, verbs = NEEDED }: Collectable): boolean {
  return plural !== 'events' && NEEDED.every((verb) => verbs.includes(verb));
}

/** One version of each resource: the objects are the same in all. */
function firstVersions(resources: readonly ResourceInfo[]): ResourceInfo[] {
  const name = ({ group, plural }: Collectable) => `${plural}.${group}`;
  return [...new Map([...resources].reverse().map((resource) => [name(resource), resource])).values()];
}

/** Deletes what has lost its owners and carries the propagation policies out. Made last: it shares the others' informers. */
export function garbageController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const graph = new OwnerGraph(informers);
  const builtIns = firstVersions(BUILT_IN_RESOURCES.filter(isCollectable));
  for (const resource of builtIns) graph.add(resource);
  const tools = { ...context, logger: context.logger.child('garbage') };
  const reconciler = new Reconciler<ItemState, GarbageAction>(
    { name: 'garbage', read: (key) => graph.read(key), plan: planGarbage, executors: garbageExecutors(client) },
    tools,
  );
  const enqueueChange = (resource: ResourceInfo) => (change: Change) => {
    for (const key of keysOf(graph, resource, change)) reconciler.enqueue(key);
  };
  const reconsider = () => {
    for (const key of graph.owned()) reconciler.enqueue(key);
  };
  const custom = customResources(context, graph, enqueueChange, reconsider);
  return {
    name: 'garbage',
    start: () => {
      for (const resource of builtIns) graph.follow(resource, enqueueChange(resource));
      custom.start();
    },
    close: async () => {
      graph.close();
      await Promise.all([custom.close(), reconciler.close()]);
    },
  };
}

/** The object itself, its dependents where it goes, its owners where they may have waited for it. */
function* keysOf(graph: OwnerGraph, resource: ResourceInfo, { before, after }: Change): Iterable<string> {
  if (before !== undefined && after !== undefined && sameBonds(before, after)) return;
  const object = after ?? before;
  if (object === undefined) return;
  const { deletionTimestamp, ownerReferences = [], uid = '' } = object.metadata ?? {};
  const goes = after === undefined || deletionTimestamp !== undefined;
  if (after !== undefined && (goes || ownerReferences.length > 0)) yield itemKey({ resource, object: after });
  if (goes) for (const dependent of graph.dependentsOf(uid)) yield itemKey(dependent);
  if (before !== undefined) yield* graph.ownerKeys(before);
  if (after !== undefined && before === undefined) yield* graph.ownerKeys(after);
  const replaced = before?.metadata?.uid;
  if (after !== undefined && replaced !== undefined && replaced !== uid) {
    for (const dependent of graph.dependentsOf(replaced)) yield itemKey(dependent);
  }
}

function sameBonds(before: KubeObject, after: KubeObject): boolean {
  const [one, other] = [before.metadata, after.metadata];
  return (
    one?.uid === other?.uid &&
    one?.deletionTimestamp === other?.deletionTimestamp &&
    equalJson(one?.finalizers, other?.finalizers) &&
    equalJson(one?.ownerReferences, other?.ownerReferences)
  );
}

/** Brings the custom resources in the graph in step with those that the server serves. */
function customResources(
  context: ControllerContext,
  graph: OwnerGraph,
  enqueueChange: (resource: ResourceInfo) => (change: Change) => void,
  reconsider: () => void,
) {
  const definitions = context.informers.for(CUSTOM_RESOURCE_DEFINITIONS, { metadataOnly: true });
  const builtIn = new Set(BUILT_IN_RESOURCES.map(({ group, plural }) => `${plural}.${group}`));
  let staleSince: number | undefined;
  const discover = async (_action: unknown, signal: AbortSignal) => {
    const seen = staleSince;
    const served = (await discoverResources(context.client, signal)).filter(isCollectable);
    const wanted = new Map(
      served.filter(({ group, plural }) => !builtIn.has(`${plural}.${group}`)).map((each) => [resourceKey(each), each]),
    );
    const present = graph.resources.filter(({ group, plural }) => !builtIn.has(`${plural}.${group}`));
    for (const resource of present) if (!wanted.delete(resourceKey(resource))) await graph.remove(resource);
    for (const resource of wanted.values()) {
      const informer = graph.add(resource);
      graph.follow(resource, enqueueChange(resource));
      // Until then its objects could not be told from absent ones.
      void informer.whenSynced().then(reconsider);
    }
    if (staleSince === seen) staleSince = undefined;
  };
  const reconciler = new Reconciler<{ since: number }, { kind: 'discover'; reason: string }>(
    {
      name: 'garbage-resources',
      read: () => (staleSince === undefined ? undefined : { since: staleSince }),
      plan: ({ since }, now) => {
        const waitMs = since + SETTLE_MS - now;
        if (waitMs > 0) return { actions: [], recheckAfterMs: waitMs };
        return { actions: [{ kind: 'discover', reason: 'the definitions changed' }] };
      },
      executors: { discover },
    },
    { ...context, logger: context.logger.child('garbage-resources') },
  );
  const invalidate = () => {
    staleSince = context.clock.now();
    reconciler.enqueue(RESOURCES);
  };
  let end: (() => void) | undefined;
  return {
    start: () => {
      end = definitions.onChange(invalidate);
    },
    close: () => {
      end?.();
      return reconciler.close();
    },
  };
}
