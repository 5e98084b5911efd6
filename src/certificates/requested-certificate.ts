import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { isConditionTrue } from '../api/conditions.ts';
import type { CertificateSigningRequest } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { PRIVATE_MODE, readTextIfThere, writeFileAtomic } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../client/index.ts';
import { makeCertificateRequest, makeTlsKey } from '../pki/index.ts';
import { CurrentPair, type ServingCertificate, type ServingPair } from './serving-certificate.ts';

const REQUESTS = builtIn('certificates.k8s.io/v1', 'certificatesigningrequests');
/** After it a new request is made, as by client-go. */
const APPROVAL_TIMEOUT_SECONDS = 900;
/** A certificate is renewed between 70 and 90 % of its life, as by client-go. */
const RENEW_FROM = 0.7;
const RENEW_SPREAD = 0.2;
/** Timers cannot wait for months. */
const LOOK_AGAIN_MS = 24 * 3600_000;
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const RETRY: BackoffPolicy = { baseMs: 1_000, maxMs: 300_000, jitter: 0.5 };

export interface RequestedCertificateNeeds {
  /** The server that shows it; names the file and the request. */
  readonly owner: string;
  /** Speaks as the node, whose certificate it is. */
  readonly client: KubeClient;
  readonly nodeName: string;
  /** DNS names and IP addresses under which the server is reached. */
  readonly hosts: readonly string[];
  /** Where the pair is kept over a restart. */
  readonly folder: string;
  /** PEM by which clients verify. */
  readonly authorityPem: string;
  /** A start goes on without a certificate after this time: the API may be away, or a person must approve. */
  readonly startTimeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * A serving certificate of the node that the cluster signs on request (`kubernetes.io/kubelet-serving`). The one on disk
 * serves at once and without the API; a new one is asked for when that ages, or no longer fits.
 */
export class RequestedCertificate implements ServingCertificate {
  readonly name: string;
  readonly #needs: RequestedCertificateNeeds;
  readonly #current = new CurrentPair();
  readonly #closing = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  #renewAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(needs: RequestedCertificateNeeds) {
    this.name = `${needs.owner}-certificate`;
    this.#needs = needs;
  }

  async start(signal: AbortSignal): Promise<void> {
    const stored = await readTextIfThere(this.#file);
    const pair = stored === undefined ? undefined : pairOf(stored);
    if (pair !== undefined) this.#use(pair, this.#fits(pair));
    this.#running = this.#keepValid(this.#closing.signal);
    const settled = new AbortController();
    const late = this.#needs.clock.sleep(this.#needs.startTimeoutMs, AbortSignal.any([signal, settled.signal]));
    await Promise.race([this.#ready.promise, late]).finally(() => settled.abort());
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  follow(listener: (pair: ServingPair) => void): () => void {
    return this.#current.follow(listener);
  }

  get #file(): string {
    return join(this.#needs.folder, `${this.#needs.owner}.pem`);
  }

  /** Whether clients can verify it, under all names and addresses by which they call. */
  #fits({ cert }: ServingPair): boolean {
    const { hosts, authorityPem } = this.#needs;
    const certificate = new X509Certificate(cert);
    const authorities = authorityPem.match(CERTIFICATES) ?? [];
    return (
      authorities.some((authority) => certificate.verify(createPublicKey(authority))) &&
      hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined)
    );
  }

  /** A pair that does not fit serves until there is another. */
  #use(pair: ServingPair, fits: boolean): void {
    const certificate = new X509Certificate(pair.cert);
    const [begin, end] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    const share = RENEW_FROM + RENEW_SPREAD * this.#needs.random();
    this.#renewAt = fits ? begin + (end - begin) * share : Number.NEGATIVE_INFINITY;
    this.#current.set(pair);
    this.#ready.resolve();
  }

  async #keepValid(signal: AbortSignal): Promise<void> {
    const { owner, clock, random, logger } = this.#needs;
    for (let failures = 0; !signal.aborted; ) {
      const leftMs = this.#renewAt - clock.now();
      try {
        if (leftMs > 0) await clock.sleep(Math.min(leftMs, LOOK_AGAIN_MS), signal);
        else await this.#renew(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const waitMs = backoffMs(RETRY, failures, random);
        failures += 1;
        logger.warn({ err: error, waitMs: Math.round(waitMs) }, `${owner} has no new certificate yet`);
        await clock.sleep(waitMs, signal).catch(() => undefined); // ended by `close`
      }
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const key = await makeTlsKey();
    const cert = await this.#signed(key, signal);
    const pair = pairOf(`${cert.trimEnd()}\n${key}`);
    if (pair === undefined) throw new Error('the certificate that the API gave does not belong to the key');
    await writeFileAtomic(this.#file, `${pair.cert}${pair.key}`, PRIVATE_MODE);
    const { owner, logger } = this.#needs;
    if (!this.#fits(pair))
      logger.warn(
        {},
        `the new certificate of ${owner} is not of the authority, or not for all addresses, that clients know`,
      );
    // To ask again would bring the same.
    this.#use(pair, true);
    logger.info({ until: new X509Certificate(pair.cert).validTo }, `${owner} has a new certificate`);
  }

  /** PEM. Rejects where the request is denied, fails, or nobody decides on it in time. */
  async #signed(keyPem: string, signal: AbortSignal): Promise<string> {
    const { client, owner, nodeName, hosts } = this.#needs;
    const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'], hosts };
    const created = await client.create<CertificateSigningRequest>(
      REQUESTS,
      {},
      {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { generateName: `${owner}-csr-${nodeName}-` },
        spec: {
          request: Buffer.from(makeCertificateRequest(keyPem, subject)).toString('base64'),
          signerName: 'kubernetes.io/kubelet-serving',
          usages: ['digital signature', 'key encipherment', 'server auth'],
        },
      },
      signal,
    );
    const { name = '', resourceVersion = '' } = created.metadata ?? {};
    const watching = {
      fieldSelector: `metadata.name=${name}`,
      resourceVersion,
      timeoutSeconds: APPROVAL_TIMEOUT_SECONDS,
    };
    for await (const { object } of client.watch<CertificateSigningRequest>(REQUESTS, watching, signal)) {
      const { certificate = '', conditions } = object.status ?? {};
      if (certificate !== '') return Buffer.from(certificate, 'base64').toString();
      const refusal = conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
      if (refusal !== undefined && isConditionTrue(conditions, refusal.type)) {
        throw new Error(`${name} has ${refusal.type.toLowerCase()}: ${refusal.message ?? refusal.reason ?? ''}`);
      }
    }
    throw new Error(`nobody has signed ${name}: kubectl certificate approve ${name}`);
  }
}

/** Undefined where the text holds no certificate with its key. */
function pairOf(text: string): ServingPair | undefined {
  const keyBegin = text.search(/-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  const [cert, key] = [text.slice(0, keyBegin), text.slice(keyBegin)];
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}
