/** An API server alone, on a free port and a temporary folder: for tests and `scripts/serve-api.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer, type ApiServerOptions } from '../../src/apiserver/index.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { openSealing } from '../../src/sealing/index.ts';
import { renderKubeconfig } from '../../src/pki/index.ts';
import { makePki, testPki } from './pki.ts';

export interface TestApiServer {
  readonly server: ApiServer;
  readonly folder: string;
  /** A file, for the user `admin` in `system:masters`. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** In a folder of its own, which goes with it; in `lasting` it finds what it left there, its certificates too. */
export async function startApiServer(
  changes: Partial<ApiServerOptions> = {},
  lasting?: string,
): Promise<TestApiServer> {
  const folder = lasting ?? mkdtempSync(join(tmpdir(), 'edgesite-api-'));
  const pki = await (lasting === undefined ? testPki() : makePki(join(lasting, 'pki')));
  const { dataDir = folder } = changes;
  const server = new ApiServer({
    dataDir,
    sealing: await openSealing(join(dataDir, 'encryption.yaml'), silentLogger),
    bind: { host: '127.0.0.1', port: 0 },
    tls: { cert: pki.apiServer.certPem, key: pki.apiServer.keyPem, clientCa: pki.authority.certPem },
    serviceAccounts: {
      privateKeyPem: pki.serviceAccount.privateKeyPem,
      publicKeysPem: [pki.serviceAccount.publicKeyPem],
      issuer: 'https://kubernetes.default.svc.cluster.local',
    },
    network: {
      serviceCidr: '10.96.0.0/16',
      nodePorts: { from: 30_000, to: 32_767 },
      advertiseAddress: '192.0.2.1',
    },
    frontProxy: { authorityPem: pki.frontProxyAuthority.certPem, client: pki.frontProxyClient },
    buildVersion: '0.0.0',
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    onFatal: (_component, error) => {
      throw error;
    },
    ...changes,
  });
  await server.start(new AbortController().signal);
  const kubeconfig = join(folder, 'admin.kubeconfig');
  const text = renderKubeconfig({
    server: `https://127.0.0.1:${server.port}`,
    authorityPem: pki.authority.certPem,
    userName: 'admin',
    ...pki.admin,
  });
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  return {
    server,
    folder,
    kubeconfig,
    close: async () => {
      await server.close();
      if (lasting === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
