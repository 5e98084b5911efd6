/** The composition root: builds every part, joins ports to adapters, fixes the order of start and close. */
import { join } from 'node:path';
import type { Component, Readiness } from '../base/component.ts';
import { UserError } from '../base/errors.ts';
import { PRIVATE_MODE, writeFileAtomic } from '../base/files.ts';
import { CLUSTER_MODULES, modulesOf, usesExternalApi, type ModuleName } from '../config/index.ts';
import { renderKubeconfig, type SitePki } from '../pki/index.ts';
import { edged, kubeletTls, signedByCluster } from './agent-part.ts';
import { type ApiAccess, apiTls, embeddedAccess, embeddedApi, externalAccess } from './api-access.ts';
import { ComponentStack } from './component-stack.ts';
import { type DataDir, openDataDir } from './data-dir.ts';
import { clusterControl } from './control-part.ts';
import {
  deviceController,
  type DevicePages,
  devicePages,
  deviceProfiles,
  deviceTwin,
  externalDefinitions,
  rules,
} from './device-part.ts';
import { edgeStore } from './edge-store-part.ts';
import { applyManifests } from './manifests.ts';
import type { DevicePusher } from '../devices/index.ts';
import { endpointOf } from './endpoint.ts';
import { metaParts, podsEndpoint } from './meta-part.ts';
import { devicePusher, mappers } from './mapper-part.ts';
import { messaging, type Ways } from './mqtt-part.ts';
import { networkParts } from './network-part.ts';
import { type Ground, layGround, type SiteOptions } from './ground.ts';
import { localStorage, offerLocalPath } from './storage-part.ts';

/** Parts that are clients of the API. */
const CLIENT_MODULES: readonly ModuleName[] = ['controllers', 'workloads', 'scheduler', 'edged', 'metaserver'];

export class Site {
  readonly #options: SiteOptions;
  readonly #stack: ComponentStack;
  #dataDir: DataDir | undefined;
  /** What the user may want to know of the running site. */
  readonly #told: string[] = [];

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#stack = new ComponentStack({ clock: options.clock, logger: options.logger.child('site') });
  }

  /** Resolves to addresses and files worth telling. Throws UserError for what the user can mend. */
  async start(signal: AbortSignal): Promise<readonly string[]> {
    const { config } = this.#options;
    const modules = enabledModules(this.#options);
    this.#dataDir = await openDataDir(config['data-dir']);
    const ground = await layGround(this.#options, this.#dataDir);
    await this.#start(ground.certificates, signal);
    const access = await this.#reachApi(ground, modules, signal);
    const start = <T extends Component>(component: T): Promise<T> => this.#start(component, signal);

    if (access !== undefined) for (const part of clusterControl(ground, access, modules)) await start(part);
    const store = await start(edgeStore(ground));
    const pages = modules.has('mqtt')
      ? await this.#startDevices(ground, { access, store }, modules, signal)
      : undefined;
    if (modules.has('edged') && access !== undefined) {
      const edgeApi = modules.has('metaserver') ? podsEndpoint(ground) : undefined;
      const furtherPages = pages === undefined ? {} : { furtherPages: pages };
      const { parts, ...network } = networkParts(ground, access, store);
      for (const part of parts) await start(part);
      const agent = await start(edged(ground, access, store, { edgeApi, ...network, ...furtherPages }));
      if (usesExternalApi(config)) {
        const certificate = await start(signedByCluster(ground, access));
        certificate.follow((pair) => agent.renewTls({ ...pair, clientCa: access.clientAuthority }));
      } else {
        ground.certificates.onRenewed((pki) => agent.renewTls(kubeletTls(pki, access)));
      }
      if (config.edged['local-storage']) {
        if (modules.has('workloads')) await offerLocalPath(access, signal);
        await start(localStorage(ground, access));
      }
    }
    if (modules.has('metaserver') && access !== undefined) {
      const shown = { hasAgent: modules.has('edged'), ...(pages === undefined ? {} : { pages }) };
      const { before, server } = metaParts(ground, access, store, shown);
      for (const part of before) await start(part);
      await start(server);
      const scheme = config.featureGates.requireAuthorization ? 'https' : 'http';
      const { address, port } = endpointOf(config.metamanager.server);
      this.#told.push(`metaserver ${scheme}://${address}:${server.port || port}`);
    }
    return this.#told;
  }

  /** Broker, twins, their objects in Kubernetes, and rules. Resolves to what can be read of devices. */
  async #startDevices(
    ground: Ground,
    ways: Ways,
    modules: ReadonlySet<ModuleName>,
    signal: AbortSignal,
  ): Promise<DevicePages | undefined> {
    const { access } = ways;
    const { bus, server, before, after } = await messaging(ground, ways);
    for (const part of before) await this.#start(part, signal);
    // Who acts on messages listens before anybody can send them.
    const twins = modules.has('devicetwin') ? await this.#start(deviceTwin(ground, bus), signal) : undefined;
    let pusher: DevicePusher | undefined;
    if (twins !== undefined && access !== undefined) {
      if (usesExternalApi(ground.config)) await this.#start(externalDefinitions(ground, access), signal);
      const devices = await this.#start(deviceController(ground, access, ways.store, twins), signal);
      await this.#start(deviceProfiles(ground, access, devices, twins), signal);
      const { modbus, dmi } = mappers(ground, devices, twins);
      pusher = devicePusher(ground, devices, twins, dmi);
      for (const part of [modbus, ...(dmi === undefined ? [] : [dmi]), pusher]) await this.#start(part, signal);
      for (const part of rules(ground, access, ways.store, bus)) await this.#start(part, signal);
    }
    if (server !== undefined) {
      await this.#start(server, signal);
      const { 'internal-server': first, listeners } = ground.config.mqtt;
      this.#told.push(`MQTT ${[first, ...listeners].join(' ')}`);
    }
    for (const part of after) await this.#start(part, signal);
    return twins === undefined ? undefined : devicePages(twins, pusher);
  }

  /** Closes all in reverse and lets the data directory go. May be called twice and after a failed start. */
  async close(): Promise<void> {
    await this.#stack.close();
    this.#dataDir?.release();
    this.#dataDir = undefined;
  }

  async #start<T extends Component>(component: T, signal: AbortSignal): Promise<T> {
    await this.#stack.start(component, signal);
    return component;
  }

  async #reachApi(
    ground: Ground,
    modules: ReadonlySet<ModuleName>,
    signal: AbortSignal,
  ): Promise<ApiAccess | undefined> {
    if (usesExternalApi(ground.config)) return externalAccess(ground);
    if (!modules.has('apiserver')) return undefined;
    const server = await this.#start(
      embeddedApi(ground, () => this.#readiness()),
      signal,
    );
    const url = `https://127.0.0.1:${server.port}`;
    const kubeconfig = join(ground.dataDir.path, 'admin.kubeconfig');
    const writeKubeconfig = async ({ authority, admin }: SitePki): Promise<void> => {
      const text = renderKubeconfig({ server: url, authorityPem: authority.certPem, userName: 'admin', ...admin });
      await writeFileAtomic(kubeconfig, text, PRIVATE_MODE);
    };
    await writeKubeconfig(ground.pki);
    ground.certificates.onRenewed((pki) => server.renewTls(apiTls(pki)));
    ground.certificates.onRenewed(writeKubeconfig);
    this.#told.push(`API ${url}`, `kubeconfig ${kubeconfig}`);
    const access = embeddedAccess(server, ground);
    await applyManifests(access, signal);
    return access;
  }

  /** What `/readyz` shows beside the API server's own checks. */
  #readiness(): Readiness {
    const waiting = this.#stack.readiness().filter(({ name, readiness }) => name !== 'apiserver' && !readiness.ready);
    if (waiting.length === 0) return { ready: true };
    return {
      ready: false,
      reason: waiting.map(({ name, readiness }) => `${name}: ${readiness.reason ?? 'not ready'}`).join('; '),
    };
  }
}

/** With an external API server the cluster is its owner's: what only an embedded one needs stays off. */
function enabledModules({ config, logger }: SiteOptions): ReadonlySet<ModuleName> {
  const modules = modulesOf(config);
  if (usesExternalApi(config)) {
    const offered = new Set<ModuleName>(CLUSTER_MODULES);
    const left = new Set([...modules].filter((name) => !offered.has(name)));
    logger.info({ off: CLUSTER_MODULES.join(', ') }, 'using the external API server');
    return left;
  }
  const stranded = CLIENT_MODULES.filter((name) => modules.has(name));
  if (!modules.has('apiserver') && stranded.length > 0) {
    throw new UserError(
      `modules.enabled: ${stranded.join(', ')} need a Kubernetes API: enable apiserver too, or name an external one in ` +
        'controller.kube.master or controller.kube.kubeconfig.',
    );
  }
  if (modules.has('devicetwin') && !modules.has('mqtt')) {
    throw new UserError('modules.enabled: devicetwin needs mqtt, over which devices speak: enable it too.');
  }
  return modules;
}
