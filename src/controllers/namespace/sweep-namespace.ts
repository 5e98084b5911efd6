import type { ResourceInfo, Verb } from '../../api/resources.ts';
import { hasCode } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import { discoverResources, type KubeClient } from '../../client/index.ts';
import type { Sweep } from './namespace-state.ts';

const NEEDED: readonly Verb[] = ['list', 'delete'];

/** As the sweep goes on. */
interface Findings {
  readonly failures: string[];
  readonly remaining: Map<string, number>;
  readonly finalizers: Map<string, number>;
}

/**
 * Deletes everything in a namespace once and counts what is left: the pods first and, as long as there are any, nothing
 * else, so that they end with their policies and secrets around them (upstream `OrderedNamespaceDeletion`).
 */
export async function sweepNamespace(
  client: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<Omit<Sweep, 'at' | 'count'>> {
  const findings: Findings = { failures: [], remaining: new Map(), finalizers: new Map() };
  let resources: ResourceInfo[];
  try {
    resources = (await discoverResources(client, signal)).filter(isContent);
  } catch (error) {
    signal.throwIfAborted();
    return { ...findings, discoveryFailure: messageOf(error) };
  }
  const isPods = (resource: ResourceInfo) => resource.group === '' && resource.plural === 'pods';
  const ordered = [resources.filter(isPods), resources.filter((resource) => !isPods(resource))];
  for (const group of ordered) {
    for (const resource of group) await empty(client, resource, namespace, findings, signal);
    if (findings.remaining.size > 0 || findings.failures.length > 0) break;
  }
  return { ...findings, discoveryFailure: undefined };
}

function isContent({ namespaced, verbs = NEEDED }: ResourceInfo): boolean {
  return namespaced && NEEDED.every((verb) => verbs.includes(verb));
}

async function empty(
  client: KubeClient,
  resource: ResourceInfo,
  namespace: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const name = `${resource.plural}.${resource.group}`; // upstream keeps the dot of the core group
  try {
    const there = await client.list(resource, { namespace, limit: 1 }, signal);
    if (there.items.length === 0) return;
    await deleteAll(client, resource, namespace, signal);
    const { items } = await client.list(resource, { namespace }, signal);
    if (items.length > 0) findings.remaining.set(name, items.length);
    for (const finalizer of items.flatMap(({ metadata }) => metadata?.finalizers ?? [])) {
      findings.finalizers.set(finalizer, (findings.finalizers.get(finalizer) ?? 0) + 1);
    }
  } catch (error) {
    signal.throwIfAborted();
    // A custom resource may have vanished since the discovery, and what it held with it.
    if (!hasCode(error, 404)) findings.failures.push(`${name}: ${messageOf(error)}`);
  }
}

async function deleteAll(client: KubeClient, resource: ResourceInfo, namespace: string, signal: AbortSignal) {
  const background = { propagationPolicy: 'Background' } as const;
  if (resource.verbs === undefined || resource.verbs.includes('deletecollection')) {
    return client.deleteCollection(resource, { namespace }, signal, background);
  }
  const { items } = await client.list(resource, { namespace }, signal);
  for (const { metadata } of items) {
    await client.delete(resource, { namespace, name: metadata?.name ?? '' }, signal, background);
  }
}
