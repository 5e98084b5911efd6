/** The way to the Kubernetes API, embedded or external, for each part under its own name. */
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiServer, type AuditOptions, backendDialer } from '../apiserver/index.ts';
import { type ApiTransport, type Caller, HttpTransport, InProcessTransport, loadKubeconfig } from '../client/index.ts';
import type { ServerConnection } from '../client/index.ts';
import type { TlsMaterial } from '../http/index.ts';
import type { SitePki } from '../pki/index.ts';
import type { Readiness } from '../base/component.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { RateLimiter } from '../base/rate-limiter.ts';
import { modulesOf, type SiteConfig } from '../config/index.ts';
import { DEVICE_CONVERTERS } from '../devices/index.ts';
import type { Ground } from './ground.ts';

export interface ApiAccess {
  /** An external API server knows only the identity of its kubeconfig: there every part has that one. */
  transportAs(caller: Caller): ApiTransport;
  /** PEM of the authority whose client certificates the node agent's server accepts. */
  readonly clientAuthority: string;
  /** Where pods reach the API, given the address of the machine. */
  forPods(address: string): { readonly host: string; readonly port: number };
}

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export function embeddedApi(ground: Ground, readiness: () => Readiness): ApiServer {
  const { config, pki, certificates } = ground;
  const [from = 0, to = 0] = config.apiserver['service-node-port-range'].split('-').map(Number);
  return new ApiServer({
    dataDir: ground.dataDir.path,
    sealing: ground.sealing,
    bind: { host: config.apiserver['bind-address'], port: config.apiserver.port },
    tls: apiTls(pki),
    serviceAccounts: {
      privateKeyPem: pki.serviceAccount.privateKeyPem,
      publicKeysPem: [pki.serviceAccount.publicKeyPem, ...config.apiserver['service-account-key-files'].map(publicKey)],
      issuer: ISSUER,
    },
    audit: auditOf(ground),
    tokenAuthFile: config.apiserver['token-auth-file'] || undefined,
    network: {
      serviceCidr: config.apiserver['service-cluster-ip-range'],
      nodePorts: { from, to },
      advertiseAddress: ground.address,
    },
    dialBackend: backendDialer(
      { authorityPem: pki.authority.certPem, client: certificates.live('kubeletClient') },
      `edgesite/${ground.version}`,
    ),
    resourceMetrics: modulesOf(config).has('metrics'),
    converters: DEVICE_CONVERTERS,
    frontProxy: { authorityPem: pki.frontProxyAuthority.certPem, client: certificates.live('frontProxyClient') },
    readinessChecks: [{ name: 'site', read: readiness }],
    buildVersion: ground.version,
    clock: ground.clock,
    random: ground.random,
    logger: ground.logger.child('apiserver'),
    onFatal: ground.onFatal,
  });
}

/** What the API server shows, and by whom its clients must be vouched for. */
export function apiTls({ apiServer, authority }: SitePki): Required<TlsMaterial> {
  return { cert: apiServer.certPem, key: apiServer.keyPem, clientCa: authority.certPem };
}

const MIB = 1024 * 1024;

function auditOf({ config, dataDir }: Ground): AuditOptions | undefined {
  const { apiserver } = config;
  if (apiserver['audit-policy-file'] === '') return undefined;
  return {
    policyFile: apiserver['audit-policy-file'],
    file: apiserver['audit-log-path'] || join(dataDir.path, 'audit.log'),
    maxSizeBytes: apiserver['audit-log-maxsize'] * MIB,
    maxBackups: apiserver['audit-log-maxbackup'],
  };
}

/** Of a file with a public or a private key. */
function publicKey(file: string): string {
  try {
    return createPublicKey(readFileSync(file, 'utf8')).export({ type: 'spki', format: 'pem' }).toString();
  } catch (error) {
    const what = `apiserver.service-account-key-files: ${file} holds no key that can be read (${messageOf(error)})`;
    throw new UserError(`${what}. Name a PEM file with a public or a private key, or take it from the list.`, {
      cause: error,
    });
  }
}

export function embeddedAccess(server: ApiServer, ground: Ground): ApiAccess {
  return {
    transportAs: (caller) => new InProcessTransport(server, caller),
    clientAuthority: ground.pki.authority.certPem,
    forPods: (host) => ({ host, port: server.port }),
  };
}

export function externalAccess(ground: Ground): ApiAccess {
  const connection = externalConnection(ground.config);
  const { qps, burst } = ground.config.controller.kube;
  const limiter = new RateLimiter(ground.clock, qps, burst);
  return {
    transportAs: (caller) =>
      new HttpTransport({ connection, userAgent: `edgesite/${ground.version} (${caller.name})`, limiter }),
    clientAuthority: connection.ca ?? ground.pki.authority.certPem,
    forPods: () => addressOf(connection.server),
  };
}

const HTTPS_PORT = 443;

function addressOf(server: string): { host: string; port: number } {
  const { hostname, port } = new URL(server);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || HTTPS_PORT };
}

/** As in KubeEdge, `master` wins over the server of the kubeconfig, which still brings the credentials. */
function externalConnection(config: SiteConfig): ServerConnection {
  const { master, kubeconfig } = config.controller.kube;
  const connection = kubeconfig === '' ? { server: master } : loadKubeconfig(kubeconfig);
  return master === '' ? connection : { ...connection, server: master };
}
