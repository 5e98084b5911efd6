/** edged on the real Docker Engine below a real API server, both in this process: for tests of pods. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Pod, PodSpec } from '../../src/api/kinds.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../src/api/resources.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../src/client/index.ts';
import { Edged } from '../../src/edged/index.ts';
import { readMachine } from '../../src/edged/node/machine.ts';
import type { MachineFacts } from '../../src/edged/node/node-facts.ts';
import { startApiServer, type TestApiServer } from './api-server.ts';
import { DockerProxy } from './docker-proxy.ts';
import { dockerSite, type DockerSite } from './docker-site.ts';
import { HastyClock } from './hasty-clock.ts';
import { testPki } from './pki.ts';

export const PODS = builtIn('v1', 'pods');
export const CONFIG_MAPS = builtIn('v1', 'configmaps');
export const SECRETS = builtIn('v1', 'secrets');
const EVENTS = builtIn('v1', 'events');
const NODE = 'edge-node';
const NAMESPACE = 'default';
/** How long anything that is waited for may take, on a machine that is shared with others. */
const PATIENCE_MS = 90_000;

export class EdgedSite {
  readonly docker: DockerSite;
  readonly client: KubeClient;
  /** Between edged and the engine: can be cut. */
  readonly engine: DockerProxy;
  /** edged's own: can be advanced. */
  readonly clock = new HastyClock();
  readonly folder: string;
  /** What the machine is taken to be like; else it is what it is. */
  machine: Partial<MachineFacts> = {};
  readonly #api: TestApiServer;
  #edged: Edged | undefined;

  private constructor(docker: DockerSite, engine: DockerProxy, api: TestApiServer, folder: string) {
    this.docker = docker;
    this.engine = engine;
    this.folder = folder;
    this.client = clientAs(api, 'admin', 'system:masters');
    this.#api = api;
  }

  static async start(): Promise<EdgedSite> {
    const [docker, api] = await Promise.all([dockerSite(), startApiServer()]);
    const folder = await mkdtemp(join(tmpdir(), 'edgesite-edged-'));
    const engine = await DockerProxy.start(join(folder, 'docker.sock'));
    const site = new EdgedSite(docker, engine, api, folder);
    // What the cluster's controllers make in every namespace.
    await site.make(builtIn('v1', 'serviceaccounts'), { metadata: { name: 'default' } });
    await site.make(CONFIG_MAPS, { metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': 'the authority' } });
    site.#edged = await site.#run();
    return site;
  }

  /** As when the process is started again: another edged with the same data. */
  async restartEdged(whileDown: () => Promise<void> = async () => {}): Promise<void> {
    await this.#edged?.close();
    await whileDown();
    this.#edged = await this.#run();
  }

  async close(): Promise<void> {
    await this.#edged?.close();
    await this.#api.close();
    await this.engine.close();
    await this.docker.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A pod of one shell script, bound to the node; `spec` and `main` add to the pod and its container. */
  async run(name: string, script: string, main: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Promise<Pod> {
    return this.create(name, { ...spec, containers: [{ name: 'main', ...this.shell(script), ...main }] });
  }

  shell(script: string): Pick<Container, 'image' | 'command' | 'imagePullPolicy'> {
    return { image: this.docker.image, command: ['/bin/sh', '-c', script] };
  }

  async create(name: string, spec: PodSpec): Promise<Pod> {
    const defaults = { nodeName: NODE, automountServiceAccountToken: false, terminationGracePeriodSeconds: 1 };
    return this.make<Pod>(PODS, { metadata: { name }, spec: { ...defaults, ...spec } });
  }

  async make<T extends KubeObject>(resource: ResourceInfo, object: KubeObject): Promise<T> {
    return this.client.create<T>(resource, { namespace: NAMESPACE }, object, deadline());
  }

  async patch(resource: ResourceInfo, name: string, patch: object): Promise<void> {
    await this.client.patch(resource, { namespace: NAMESPACE, name }, 'merge', patch, deadline());
  }

  async delete(name: string, gracePeriodSeconds?: number): Promise<void> {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
    await this.client.delete(PODS, { namespace: NAMESPACE, name }, deadline(), options);
  }

  /** The pod as soon as it is as it should be. */
  async until(name: string, what: string, is: (pod: Pod) => boolean): Promise<Pod> {
    return this.#awaited(PODS, `metadata.name=${name}`, is, `pod ${name}: ${what}`);
  }

  async untilRunning(name: string): Promise<Pod> {
    return this.until(name, 'runs', (pod) => pod.status?.phase === 'Running');
  }

  async untilReady(name: string): Promise<Pod> {
    return this.until(name, 'is ready', (pod) => conditionOf(pod, 'Ready') === 'True');
  }

  /** The pod once its first container waits for this reason. */
  async untilWaiting(name: string, reason: string): Promise<Pod> {
    return this.until(name, `waits: ${reason}`, (pod) => stateOf(pod).waiting?.reason === reason);
  }

  /** The pod once it has ended, in either way. */
  async untilOver(name: string): Promise<Pod> {
    return this.until(name, 'is over', ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');
  }

  async untilGone(name: string): Promise<void> {
    const { items, metadata } = await this.client.list<Pod>(PODS, only(name), deadline());
    if (items.length === 0) return;
    const since = { ...only(name), resourceVersion: metadata.resourceVersion ?? '' };
    for await (const { type } of this.client.watch(PODS, since, deadline(`pod ${name} is gone`))) {
      if (type === 'DELETED') return;
    }
  }

  /** The message of the first event of this reason about the pod. */
  async event(pod: string, reason: string): Promise<string> {
    const selector = `involvedObject.name=${pod},reason=${reason}`;
    const found = await this.#awaited<KubeObject>(EVENTS, selector, () => true, `pod ${pod} has an event ${reason}`);
    return String(found['message']);
  }

  /** What the pod's container has printed, once it has ended. */
  async output(name: string): Promise<string> {
    const pod = await this.untilOver(name);
    return this.log(pod);
  }

  async log(pod: Pod): Promise<string> {
    return this.docker.runtime.logTail(containerIdOf(pod), 1000, 1024 * 1024, deadline());
  }

  /** What the command prints in the pod's container. */
  async exec(pod: Pod, ...command: string[]): Promise<string> {
    const { exitCode, output } = await this.docker.runtime.exec(containerIdOf(pod), command, 10_000, deadline());
    assert.equal(exitCode, 0, output);
    return output;
  }

  async inspect(pod: Pod) {
    return this.docker.docker.getContainer(containerIdOf(pod)).inspect();
  }

  /** Ids of all that the engine holds of the pod. */
  async held(pod: Pod): Promise<string[]> {
    return (await this.docker.runtime.list(pod.metadata?.uid, deadline())).map(({ id }) => id);
  }

  async #awaited<T extends KubeObject>(
    resource: ResourceInfo,
    fieldSelector: string,
    is: (object: T) => boolean,
    what: string,
  ): Promise<T> {
    const signal = deadline(what);
    const scope = { namespace: NAMESPACE, fieldSelector };
    const { items, metadata } = await this.client.list<T>(resource, scope, signal);
    let last = items[0];
    if (last !== undefined && is(last)) return last;
    const since = { ...scope, resourceVersion: metadata.resourceVersion ?? '' };
    try {
      for await (const { object } of this.client.watch<T>(resource, since, signal)) {
        last = object;
        if (is(object)) return object;
      }
    } catch (error) {
      throw new Error(`not seen: ${what}; last: ${JSON.stringify(last?.['status'], null, 1)}`, { cause: error });
    }
    throw new Error(`the watch ended before: ${what}`);
  }

  async #run(): Promise<Edged> {
    const client = clientAs(this.#api, `system:node:${NODE}`, 'system:nodes', 'system:authenticated');
    const pki = await testPki();
    const edged = new Edged(
      {
        nodeName: NODE,
        siteId: this.docker.siteId,
        dataDir: this.folder,
        dockerAddress: this.engine.address,
        registerNode: true,
        kubeletVersion: 'v1.36.0',
        kubeletPort: 0,
        readOnlyPort: 0,
        maxPods: 110,
        memoryCapacityBytes: 0,
        maxDeadContainers: 1,
        // Never: the images of this machine are not the test's.
        imageCollection: { highPercent: 101, lowPercent: 100 },
        statusPeriodMs: 10_000,
        dns: { servers: [], domain: 'cluster.local' },
        api: { host: '192.0.2.1', port: 6443 },
        stopPodsOnExit: false,
        tls: { cert: pki.kubelet.certPem, key: pki.kubelet.keyPem, clientCa: pki.authority.certPem },
      },
      {
        client,
        objects: {
          get: async (resource, namespace, name, signal) => ({
            object: await client.get(resource, { namespace, name }, signal),
          }),
        },
        snapshots: { pods: NO_SNAPSHOT, services: NO_SNAPSHOT },
        nodeAddress: () => Promise.resolve('127.0.0.1'),
        readMachine: async (dataDir) => ({ ...(await readMachine(dataDir)), ...this.machine }),
        clock: this.clock satisfies Clock,
        random: Math.random,
        logger: silentLogger,
      },
    );
    await edged.start(new AbortController().signal);
    return edged;
  }
}

export function stateOf(pod: Pod, container = 'main') {
  return statusOf(pod, container)?.state ?? {};
}

export function statusOf(pod: Pod, container = 'main') {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container);
}

export function conditionOf(pod: Pod, type: string): string | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type)?.status;
}

export function containerIdOf(pod: Pod, container = 'main'): string {
  return (statusOf(pod, container)?.containerID ?? '').replace('docker://', '');
}

const NO_SNAPSHOT = { load: () => undefined, replace: () => {}, apply: () => {} };

function only(name: string) {
  return { namespace: NAMESPACE, fieldSelector: `metadata.name=${name}` };
}

function deadline(what = 'an answer'): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error(`not in ${PATIENCE_MS} ms: ${what}`)), PATIENCE_MS).unref();
  return controller.signal;
}

function clientAs(api: TestApiServer, name: string, ...groups: string[]): KubeClient {
  return createKubeClient(new InProcessTransport(api.server, { name, groups }));
}
