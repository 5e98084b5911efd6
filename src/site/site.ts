/** The composition root: builds every part, joins ports to adapters, fixes the order of start and close. */
import { join } from 'node:path';
import { ApiServer } from '../apiserver/index.ts';
import type { Clock } from '../base/clock.ts';
import type { OnFatal, Readiness } from '../base/component.ts';
import { PRIVATE_MODE, writeFileAtomic } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import { modulesOf, nodeNameOf, usesExternalApi, type SiteConfig } from '../config/index.ts';
import { nodeAddress } from '../network/index.ts';
import { loadSitePki, renderKubeconfig, type SitePki } from '../pki/index.ts';
import { ComponentStack } from './component-stack.ts';
import { openDataDir, type DataDir } from './data-dir.ts';
import { apiHosts, nodeHosts } from './hosts.ts';

export interface SiteOptions {
  readonly config: SiteConfig;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onFatal: OnFatal;
}

export class Site {
  readonly #options: SiteOptions;
  readonly #stack: ComponentStack;
  #dataDir: DataDir | undefined;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.#stack = new ComponentStack({ clock: options.clock, logger: options.logger.child('site') });
  }

  /** Resolves to what the user may want to know: addresses and files. Throws UserError for what the user can mend. */
  async start(signal: AbortSignal): Promise<string[]> {
    const { config, clock } = this.#options;
    const modules = modulesOf(config);
    const dataDir = await openDataDir(config['data-dir']);
    this.#dataDir = dataDir;
    const address = await nodeAddress({
      nodeIp: config.edged['node-ip'],
      interfaceName: config.edged['interface-name'],
    });
    const nodeName = nodeNameOf(config);
    const pki = await loadSitePki({
      folder: join(dataDir.path, 'pki'),
      nodeName,
      apiHosts: apiHosts({
        address,
        serviceRange: config.apiserver['service-cluster-ip-range'],
        extra: config.apiserver['extra-hosts'],
      }),
      nodeHosts: nodeHosts({ address, nodeName }),
      now: clock.now(),
    });
    const ready: string[] = [];
    if (modules.has('apiserver') && !usesExternalApi(config)) {
      ready.push(...(await this.#startApiServer(dataDir, pki, address, signal)));
    }
    return ready;
  }

  /** Closes all in reverse and lets the data directory go. May be called twice and after a failed start. */
  async close(): Promise<void> {
    await this.#stack.close();
    this.#dataDir?.release();
    this.#dataDir = undefined;
  }

  async #startApiServer(dataDir: DataDir, pki: SitePki, address: string, signal: AbortSignal): Promise<string[]> {
    const { config, version, clock, random, logger, onFatal } = this.#options;
    const [from = 0, to = 0] = config.apiserver['service-node-port-range'].split('-').map(Number);
    const server = new ApiServer({
      dataDir: dataDir.path,
      bind: { host: config.apiserver['bind-address'], port: config.apiserver.port },
      tls: { cert: pki.apiServer.certPem, key: pki.apiServer.keyPem, clientCa: pki.authority.certPem },
      serviceAccounts: {
        privateKeyPem: pki.serviceAccount.privateKeyPem,
        publicKeysPem: [pki.serviceAccount.publicKeyPem],
        issuer: 'https://kubernetes.default.svc.cluster.local',
      },
      network: {
        serviceCidr: config.apiserver['service-cluster-ip-range'],
        nodePorts: { from, to },
        advertiseAddress: address,
      },
      readinessChecks: [{ name: 'site', read: () => this.#readiness() }],
      buildVersion: version,
      clock,
      random,
      logger: logger.child('apiserver'),
      onFatal,
    });
    await this.#stack.start(server, signal);
    const url = `https://127.0.0.1:${server.port}`;
    const kubeconfig = join(dataDir.path, 'admin.kubeconfig');
    const text = renderKubeconfig({
      server: url,
      authorityPem: pki.authority.certPem,
      userName: 'admin',
      ...pki.admin,
    });
    await writeFileAtomic(kubeconfig, text, PRIVATE_MODE);
    return [`API ${url}`, `kubeconfig ${kubeconfig}`];
  }

  #readiness(): Readiness {
    const waiting = this.#stack.readiness().filter(({ name, readiness }) => name !== 'apiserver' && !readiness.ready);
    if (waiting.length === 0) return { ready: true };
    return {
      ready: false,
      reason: waiting.map(({ name, readiness }) => `${name}: ${readiness.reason ?? ''}`).join('; '),
    };
  }
}
