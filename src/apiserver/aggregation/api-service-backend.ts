/** The way to the servers behind APIServices: as the front proxy, whose word on who asks they take. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { ApiService } from '../../api/kinds.ts';
import { type ApiTransport, HttpTransport, type ServerConnection } from '../../client/index.ts';
import { resolveService, type ServiceObjects } from '../backends/service-resolver.ts';
import { TransportPool } from '../backends/transport-pool.ts';
import type { ServiceTarget } from './availability.ts';

const USER_AGENT = 'kube-apiserver';

/** PEM: what the API server shows to those that it aggregates. */
export interface FrontProxyCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface ApiServiceBackendParts {
  readonly objects: ServiceObjects;
  readonly random: () => number;
  /** Absent: servers behind APIServices have no way to tell that it is the API server that asks. */
  readonly certificate?: FrontProxyCertificate | undefined;
}

export interface BackendAddress {
  /** `https://10.0.0.7:8443` */
  readonly origin: string;
  readonly transport: ApiTransport;
}

export class ApiServiceBackend {
  readonly #parts: ApiServiceBackendParts;
  readonly #transports = new TransportPool<ServerConnection>(
    ({ server, serverName = '', ca = '', insecureSkipTlsVerify = false }) =>
      createHash('sha256').update(`${server} ${serverName} ${insecureSkipTlsVerify} ${ca}`).digest('hex'),
    (connection) => new HttpTransport({ connection, userAgent: USER_AGENT, speaksAs: 'x-remote' }),
  );

  constructor(parts: ApiServiceBackendParts) {
    this.#parts = parts;
  }

  /** Rejects with StatusError where the service has no endpoint. */
  async reach({ spec }: ApiService, target: ServiceTarget): Promise<BackendAddress> {
    const { objects, random, certificate } = this.#parts;
    const { host, port } = await resolveService(target, objects, random);
    const origin = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const transport = this.#transports.to({
      server: origin,
      serverName: `${target.name}.${target.namespace}.svc`,
      ...(spec?.caBundle === undefined ? {} : { ca: Buffer.from(spec.caBundle, 'base64').toString() }),
      ...(certificate === undefined ? {} : { certificate: certificate.certPem, key: certificate.keyPem }),
      insecureSkipTlsVerify: spec?.insecureSkipTLSVerify === true,
    });
    return { origin, transport };
  }
}
