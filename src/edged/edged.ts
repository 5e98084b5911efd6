/** The node agent: pods, the node's status, and the server for logs and exec, over one connection to the engine. */
import { availableParallelism, totalmem } from 'node:os';
import type { Pod, Service } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import type { Component, Readiness } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import { EventRecorder, Informer, type KubeClient, type SnapshotPort } from '../client/index.ts';
import { HttpServer, type TlsMaterial } from '../http/index.ts';
import { dockerAt } from './docker/docker-client.ts';
import { DockerRuntime } from './docker/docker-runtime.ts';
import { DockerStreams } from './docker/streams.ts';
import { DockerUsage } from './docker/usage.ts';
import type { CollectionSettings } from './images/image-collection.ts';
import { Evictor } from './eviction/evictor.ts';
import { diskShares, memoryShares } from './eviction/pod-shares.ts';
import { ImageCollector } from './images/image-collector.ts';
import { PodImages } from './images/pod-images.ts';
import { readMachine } from './node/machine.ts';
import type { MachineFacts } from './node/node-facts.ts';
import { NodeAgent } from './node/node-agent.ts';
import { NodeLease } from './node/node-lease.ts';
import type { ObjectSource } from './object-source.ts';
import type { PodNetwork } from './runtime.ts';
import type { ClusterDns } from './pods/dns-config.ts';
import { LifecycleHooks } from './pods/lifecycle-hooks.ts';
import { PodEvents } from './pods/pod-events.ts';
import { PodFolders } from './pods/pod-folders.ts';
import type { PodTools } from './pods/pod-tools.ts';
import { PodWorkers } from './pods/pod-workers.ts';
import type { ApiAddress } from './pods/service-env.ts';
import { StatusPublisher } from './pods/status-publisher.ts';
import { reviewedBy } from './server/authorize-peer.ts';
import { KubeletServer, readOnlyHandler } from './server/kubelet-server.ts';
import type { FurtherPages, PodSource } from './server/ports.ts';
import { PodVolumes } from './volumes/pod-volumes.ts';
import { PodVolumeUsage } from './volumes/pod-volume-usage.ts';
import { ServiceAccountTokens } from './volumes/service-account-tokens.ts';
import { VolumeMeter } from './volumes/volume-meter.ts';

const PODS = builtIn('v1', 'pods');
const SERVICES = builtIn('v1', 'services');
/** As containerLogMaxSize and containerLogMaxFiles of a kubelet. */
const LOG_MAX_SIZE = '10m';
const LOG_MAX_FILES = 5;
/** Grace periods end long before; an engine that hangs must not keep the process. */
const STOP_ALL_TIMEOUT_MS = 50_000;

export interface EdgedSettings {
  readonly nodeName: string;
  readonly siteId: string;
  readonly dataDir: string;
  readonly dockerAddress: string;
  /** False: the node waits until somebody makes its Node object. */
  readonly registerNode: boolean;
  readonly kubeletVersion: string;
  readonly kubeletPort: number;
  /** Of `/healthz` and `/pods` on the loopback address; 0: off. */
  readonly readOnlyPort: number;
  readonly maxPods: number;
  /** 0: what the machine has. */
  readonly memoryCapacityBytes: number;
  readonly maxDeadContainers: number;
  readonly imageCollection: CollectionSettings;
  readonly statusPeriodMs: number;
  readonly dns: ClusterDns;
  /** Where pods reach the API. */
  readonly api: ApiAddress;
  readonly stopPodsOnExit: boolean;
  readonly tls: Required<TlsMaterial>;
}

export interface EdgedNeeds {
  readonly client: KubeClient;
  readonly objects: ObjectSource;
  /** Keeps what concerns the node over restarts without the API. */
  readonly snapshots: { readonly pods: SnapshotPort<Pod>; readonly services: SnapshotPort<Service> };
  readonly nodeAddress: () => Promise<string>;
  readonly furtherPages?: FurtherPages;
  /** Absent: what the kernel says. */
  readonly readMachine?: (dataDir: string) => Promise<MachineFacts>;
  /** Told of the pods' network whenever it has been found or made. */
  readonly onPodNetwork?: (network: PodNetwork) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

export class Edged implements Component {
  readonly name = 'edged';
  readonly #settings: EdgedSettings;
  readonly #needs: EdgedNeeds;
  readonly #runtime: DockerRuntime;
  readonly #pods: Informer<Pod>;
  readonly #services: Informer<Service>;
  readonly #statuses: StatusPublisher;
  readonly #events: EventRecorder;
  readonly #workers: PodWorkers;
  readonly #node: NodeAgent;
  readonly #lease: NodeLease;
  readonly #folders: PodFolders;
  readonly #volumes: PodVolumes;
  readonly #meter: VolumeMeter;
  readonly #collector: ImageCollector;
  readonly #evictor: Evictor;
  readonly #servers: readonly HttpService[];
  #address = '';

  constructor(settings: EdgedSettings, needs: EdgedNeeds) {
    const { nodeName, siteId, dockerAddress } = settings;
    const { client, clock, random, logger } = needs;
    const shared = { client, clock, random, logger };
    const docker = dockerAt(dockerAddress);
    this.#settings = settings;
    this.#needs = needs;
    this.#runtime = new DockerRuntime({
      docker,
      siteId,
      logMaxSize: LOG_MAX_SIZE,
      logMaxFiles: LOG_MAX_FILES,
      logger,
    });
    const fieldSelector = `spec.nodeName=${nodeName}`;
    this.#pods = new Informer<Pod>({ ...shared, resource: PODS, fieldSelector, snapshot: needs.snapshots.pods });
    this.#services = new Informer<Service>({ ...shared, resource: SERVICES, snapshot: needs.snapshots.services });
    this.#statuses = new StatusPublisher(shared);
    this.#events = new EventRecorder({ client, clock, logger, component: 'kubelet', host: nodeName });
    this.#folders = new PodFolders(settings.dataDir);
    const tokens = new ServiceAccountTokens(client, clock);
    this.#volumes = new PodVolumes(this.#folders, { objects: needs.objects, tokens, clock, logger });
    this.#meter = new VolumeMeter(clock, logger);
    this.#workers = new PodWorkers(this.#podTools(), this.#pods, () => this.#node.hasten());
    this.#node = this.#nodeAgent();
    this.#collector = new ImageCollector({ runtime: this.#runtime, settings: settings.imageCollection, clock, logger });
    this.#lease = new NodeLease({ ...shared, nodeName });
    const usage = new DockerUsage(docker, siteId, clock);
    this.#evictor = new Evictor({
      readMachine: () => this.#readMachine(),
      shares: {
        memory: (signal) => memoryShares(usage, signal),
        'ephemeral-storage': (signal) => {
          const uids = this.#workers.pods().map(({ metadata }) => metadata?.uid ?? '');
          return diskShares(this.#runtime, new PodFolders(settings.dataDir), uids, signal);
        },
      },
      reclaimDisk: async (signal) => {
        this.#workers.discardEnded();
        await this.#collector.look(signal);
      },
      pods: () => this.#workers.pods(),
      evict: (uid, message) => this.#workers.evict(uid, message),
      clock,
      logger,
    });
    this.#servers = this.#makeServers(new DockerStreams(docker, siteId), usage);
  }

  /** Resolves when the servers listen; the API and the engine may come later. */
  async start(signal: AbortSignal): Promise<void> {
    this.#address = await this.#needs.nodeAddress();
    for (const server of this.#servers) await server.start(signal);
    this.#pods.start();
    this.#services.start();
    this.#workers.start();
    await this.#node.start(signal);
    await this.#lease.start(signal);
    this.#collector.start();
    this.#evictor.start();
  }

  async close(): Promise<void> {
    await Promise.all([this.#lease.close(), this.#node.close(), this.#collector.close(), this.#evictor.close()]);
    await Promise.all([this.#pods.close(), this.#services.close()]);
    await Promise.all([this.#workers.close(), this.#meter.close()]);
    if (this.#settings.stopPodsOnExit) await this.#stopPods();
    await Promise.all([this.#statuses.close(), this.#events.close()]);
    for (const server of this.#servers) await server.close();
  }

  /** New connections see this certificate from now on. */
  renewTls(tls: TlsMaterial): void {
    for (const server of this.#servers) server.renewTls(tls);
  }

  #readMachine(): Promise<MachineFacts> {
    return (this.#needs.readMachine ?? readMachine)(this.#settings.dataDir);
  }

  /** The site is whole without an engine, only its node is not Ready: the Node object tells that. */
  readiness(): Readiness {
    const { ready, reason } = this.#workers.condition;
    return ready ? { ready: true } : { ready: true, reason };
  }

  #podTools(): PodTools {
    const { client, objects, onPodNetwork = () => undefined, clock, random, logger } = this.#needs;
    const { dns, api, memoryCapacityBytes, maxDeadContainers } = this.#settings;
    const runtime = this.#runtime;
    const events = new PodEvents(this.#events);
    const memoryBytes = memoryCapacityBytes === 0 ? totalmem() : memoryCapacityBytes;
    return {
      settings: { dns, api, cpuCount: availableParallelism(), memoryBytes, maxDeadContainers },
      runtime,
      images: new PodImages({ runtime, objects, events, clock }),
      volumes: this.#volumes,
      folders: this.#folders,
      hooks: new LifecycleHooks(runtime, clock),
      events,
      statuses: this.#statuses,
      services: (namespace) => this.#services.objects.inNamespace(namespace),
      hostIps: () => [this.#address],
      onPodNetwork,
      client,
      objects,
      clock,
      random,
      logger,
    };
  }

  #nodeAgent(): NodeAgent {
    const { client, clock, random, logger } = this.#needs;
    const { nodeName, registerNode, kubeletVersion, maxPods, memoryCapacityBytes, dockerAddress } = this.#settings;
    return new NodeAgent({
      settings: () => ({
        nodeName,
        register: registerNode,
        kubeletVersion,
        kubeletPort: this.#servers[0]?.port ?? 0,
        maxPods,
        memoryCapacityBytes,
      }),
      runtime: this.#runtime,
      readMachine: () => this.#readMachine(),
      readAddress: async () => {
        this.#address = await this.#needs.nodeAddress();
        return this.#address;
      },
      dockerAddress,
      lookPeriodMs: this.#settings.statusPeriodMs,
      client,
      clock,
      random,
      logger,
    });
  }

  #makeServers(streams: DockerStreams, usage: DockerUsage): HttpService[] {
    const { nodeName, kubeletPort, readOnlyPort, tls } = this.#settings;
    const { client, clock, logger, furtherPages } = this.#needs;
    const pods: PodSource = {
      list: () => this.#workers.pods(),
      get: (namespace, name) =>
        this.#workers.pods().find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name),
    };
    const further = furtherPages === undefined ? {} : { further: furtherPages };
    const volumes = new PodVolumeUsage(this.#volumes, this.#meter);
    const backend = { nodeName, pods, streams, usage, volumes, clock, logger, ...further };
    const authorize = reviewedBy(client, nodeName);
    const kubelet = new KubeletServer({ ...backend, host: '0.0.0.0', port: kubeletPort, tls, authorize });
    if (readOnlyPort === 0) return [kubelet];
    const handler = readOnlyHandler(pods);
    return [kubelet, new HttpServer({ name: 'edged-health', host: '127.0.0.1', port: readOnlyPort, handler, logger })];
  }

  /** Ends every container of the site within its own grace period. */
  async #stopPods(): Promise<void> {
    const signal = AbortSignal.timeout(STOP_ALL_TIMEOUT_MS);
    const objects = await this.#runtime.list(undefined, signal);
    const stop = (kind: 'container' | 'sandbox'): Promise<unknown> =>
      Promise.all(
        objects
          .filter((object) => object.kind === kind && object.state.kind === 'running')
          .map(({ id, graceSeconds }) => this.#runtime.stop(id, kind === 'sandbox' ? 0 : graceSeconds, signal)),
      );
    await stop('container');
    await stop('sandbox');
  }
}

interface HttpService {
  readonly port: number;
  renewTls(tls: TlsMaterial): void;
  start(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
