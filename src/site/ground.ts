import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { OnFatal } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { RowSealing } from '../base/row-sealing.ts';
import { nodeNameOf, type SiteConfig } from '../config/index.ts';
import { nodeAddress } from '../network/index.ts';
import { openSealing } from '../sealing/index.ts';
import { loadSitePki, type SitePki } from '../pki/index.ts';
import type { DataDir } from './data-dir.ts';
import { apiHosts, nodeHosts } from './hosts.ts';
import { SiteCertificates } from './site-certificates.ts';

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
  /** As loaded at the start: authorities and keys stay, the certificates below them are renewed. */
  readonly pki: SitePki;
  readonly certificates: SiteCertificates;
  /** What of the databases is sealed, and how. */
  readonly sealing: RowSealing;
}

const KEY_FILE = 'encryption.yaml';

export async function layGround(options: SiteOptions, dataDir: DataDir): Promise<Ground> {
  const { config } = options;
  const nodeName = nodeNameOf(config);
  const address = await nodeAddress({
    nodeIp: config.edged['node-ip'],
    interfaceName: config.edged['interface-name'],
  });
  const { clock, logger } = options;
  const pkiOptions = {
    folder: join(dataDir.path, 'pki'),
    nodeName,
    apiHosts: apiHosts({
      address,
      serviceRange: config.apiserver['service-cluster-ip-range'],
      extra: config.apiserver['extra-hosts'],
    }),
    nodeHosts: nodeHosts({ address, nodeName }),
  };
  const load = (): Promise<SitePki> => loadSitePki({ ...pkiOptions, now: clock.now() });
  const pki = await load();
  const certificates = new SiteCertificates(pki, { load, clock, logger: logger.child('certificates') });
  const keyFile = config.apiserver['encryption-provider-config'] || join(dataDir.path, KEY_FILE);
  const sealing = await openSealing(keyFile, logger);
  return { ...options, dataDir, nodeName, address, pki, certificates, sealing };
}
