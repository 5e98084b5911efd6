import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { OnFatal } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import { nodeNameOf, type SiteConfig } from '../config/index.ts';
import { nodeAddress } from '../network/index.ts';
import { loadSitePki, type SitePki } from '../pki/index.ts';
import type { DataDir } from './data-dir.ts';
import { apiHosts, nodeHosts } from './hosts.ts';

export interface SiteOptions {
  readonly config: SiteConfig;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onFatal: OnFatal;
}

/** What every part of the site may be built on. */
export interface Ground extends SiteOptions {
  readonly dataDir: DataDir;
  readonly nodeName: string;
  /** The address of the machine among others. */
  readonly address: string;
  readonly pki: SitePki;
}

export async function layGround(options: SiteOptions, dataDir: DataDir): Promise<Ground> {
  const { config, clock } = options;
  const nodeName = nodeNameOf(config);
  const address = await nodeAddress({
    nodeIp: config.edged['node-ip'],
    interfaceName: config.edged['interface-name'],
  });
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
  return { ...options, dataDir, nodeName, address, pki };
}
