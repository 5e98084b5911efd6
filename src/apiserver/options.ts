import type { Clock } from '../base/clock.ts';
import type { OnFatal, Readiness } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { RowSealing } from '../base/row-sealing.ts';
import type { TlsMaterial } from '../http/index.ts';
import type { KeyPair } from '../pki/index.ts';
import type { AuditOptions } from './audit/open-auditor.ts';
import type { InProcessConverter } from './crd/index.ts';
import type { DialBackend } from './nodeproxy/node-proxy.ts';

export interface ServiceAccountKeys {
  /** PEM; signs new tokens. */
  readonly privateKeyPem: string;
  /** PEM; each is accepted, the current one and those rotated out. */
  readonly publicKeysPem: readonly string[];
  /** `iss` of tokens: `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer: string;
}

/** PEM: as whom the server hands requests on to those behind APIServices, and who vouches for it there. */
export interface FrontProxy {
  readonly authorityPem: string;
  /** Read at each connection: it may be renewed. */
  readonly client: KeyPair;
}

export interface NetworkSettings {
  /** Where cluster IPs are taken from: `10.96.0.0/16`. */
  readonly serviceCidr: string;
  /** Inclusive: 30000 to 32767. */
  readonly nodePorts: { readonly from: number; readonly to: number };
  /** The address of the endpoints of the `kubernetes` service. */
  readonly advertiseAddress: string;
}

/** A line of `/readyz?verbose`. */
export interface ReadinessCheck {
  readonly name: string;
  readonly read: () => Readiness;
}

/** All that an API server needs from outside. */
export interface ApiServerOptions {
  /** Holds `api.db`; must exist. */
  readonly dataDir: string;
  /** What of the database is sealed, and how. */
  readonly sealing: RowSealing;
  readonly bind: { readonly host: string; readonly port: number };
  readonly tls: Required<TlsMaterial>;
  readonly serviceAccounts: ServiceAccountKeys;
  /** Tokens and whom they stand for; read at the start. */
  readonly tokenAuthFile?: string | undefined;
  readonly network: NetworkSettings;
  /** Reaches node agents and other backends of the proxy subresources. Absent: those answer 503. */
  readonly dialBackend?: DialBackend;
  /** Whether `metrics.k8s.io` is served out of what the nodes tell; needs `dialBackend`. */
  readonly resourceMetrics?: boolean;
  /** For definitions that the program itself brings, by their names: what converts their objects between versions. */
  readonly converters?: Readonly<Record<string, InProcessConverter>>;
  /** Absent: nothing is written down of requests. */
  readonly audit?: AuditOptions | undefined;
  /** Absent: servers behind APIServices cannot tell who asks them. */
  readonly frontProxy?: FrontProxy;
  /** Shown by `/readyz` beside the server's own. */
  readonly readinessChecks?: readonly ReadinessCheck[];
  /** `0.1.0`: the part of `/version` behind `+edgesite.`. */
  readonly buildVersion: string;
  readonly clock: Clock;
  /** 0 ≤ x < 1, for generated names and jitter; uids and tokens come from the system's secure source. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly onFatal: OnFatal;
}
