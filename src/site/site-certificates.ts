import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { KeyPair, SitePki } from '../pki/index.ts';

/** Certificates live for years: to look once a day is often enough. */
const LOOK_PERIOD_MS = 24 * 3600_000;

type Leaf = 'apiServer' | 'admin' | 'kubelet' | 'kubeletClient' | 'frontProxyClient';

export interface SiteCertificatesNeeds {
  /** What is on disk, with new certificates in place of those that age. */
  readonly load: () => Promise<SitePki>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The certificates of the site in use; made anew while it runs, for a site may run longer than they are good. */
export class SiteCertificates implements Component {
  readonly name = 'certificates';
  readonly #needs: SiteCertificatesNeeds;
  readonly #listeners: ((pki: SitePki) => void | Promise<void>)[] = [];
  readonly #closing = new AbortController();
  #current: SitePki;

  constructor(current: SitePki, needs: SiteCertificatesNeeds) {
    this.#current = current;
    this.#needs = needs;
  }

  /** A pair whose members are always those in use, for who reads them at each connection. */
  live(leaf: Leaf): KeyPair {
    const current = (): KeyPair => this.#current[leaf];
    return {
      get certPem() {
        return current().certPem;
      },
      get keyPem() {
        return current().keyPem;
      },
    };
  }

  /** For who must be told of new ones. */
  onRenewed(listener: (pki: SitePki) => void | Promise<void>): void {
    this.#listeners.push(listener);
  }

  async start(): Promise<void> {
    void this.#keepValid(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #keepValid(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#needs.clock.sleep(LOOK_PERIOD_MS, signal).catch(() => undefined); // ended by `close`
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const before = this.#current;
    try {
      const now = await this.#needs.load();
      const leaves: readonly Leaf[] = ['apiServer', 'admin', 'kubelet', 'kubeletClient', 'frontProxyClient'];
      const renewed = leaves.filter((leaf) => now[leaf].certPem !== before[leaf].certPem);
      if (renewed.length === 0) return;
      this.#current = now;
      for (const listener of this.#listeners) await listener(now);
      this.#needs.logger.info({ renewed: renewed.join(', ') }, 'certificates that aged were made anew');
    } catch (error) {
      this.#needs.logger.error({ err: error }, 'certificates that age could not be made anew; tried again in a day');
    }
  }
}
