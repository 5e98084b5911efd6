import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, UserError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { CurrentPair, type ServingCertificate, type ServingPair } from './serving-certificate.ts';

/** Whoever renews the files (cert-manager, a script) need not tell us. */
const LOOK_PERIOD_MS = 30_000;

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate from files, read again when they change. A bad change is told and the last good pair stays in use. */
export class FileCertificate implements ServingCertificate {
  readonly name = 'metaserver-certificate';
  readonly #files: CertificateFiles;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #current = new CurrentPair();
  readonly #closing = new AbortController();

  constructor(files: CertificateFiles, clock: Clock, logger: Logger) {
    this.#files = files;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#current.set(await readPair(this.#files));
    void this.#look(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  follow(listener: (pair: ServingPair) => void): () => void {
    return this.#current.follow(listener);
  }

  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_PERIOD_MS, signal).catch(() => undefined); // ended by `close`
      if (signal.aborted) return;
      try {
        this.#current.set(await readPair(this.#files));
      } catch (error) {
        this.#logger.warn({ err: error }, 'the changed certificate of the metaserver is of no use; the last one stays');
      }
    }
  }
}

async function readPair({ certFile, keyFile }: CertificateFiles): Promise<ServingPair> {
  const cert = await textOf('tlsCertFile', certFile);
  const key = await textOf('tlsPrivateKeyFile', keyFile);
  let fits: boolean;
  try {
    fits = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw unusable(`${certFile} and ${keyFile} are not a PEM certificate and key (${messageOf(error)})`, error);
  }
  if (!fits) throw unusable(`${keyFile} is not the key of ${certFile}`);
  return { cert, key };
}

async function textOf(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unusable(`${setting}: ${messageOf(error)}`, error);
  }
}

function unusable(why: string, cause?: unknown): UserError {
  return new UserError(
    `metamanager: ${why}. Make a pair with scripts/certgen.sh stream, or leave tlsCertFile and tlsPrivateKeyFile empty ` +
      'for one that the API signs.',
    { cause },
  );
}
