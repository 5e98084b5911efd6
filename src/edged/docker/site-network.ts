import type Docker from 'dockerode';
import type { NetworkInspectInfo } from 'dockerode';
import { type PodNetwork, RuntimeError } from '../runtime.ts';
import { call } from './docker-client.ts';
import { LABELS } from './labels.ts';

/** The bridge of the site's pods. Docker gives it a subnet that nothing else on the machine uses. */
export class SiteNetwork {
  readonly #docker: Docker;
  readonly #siteId: string;
  #making: Promise<PodNetwork> | undefined;

  constructor(docker: Docker, siteId: string) {
    this.#docker = docker;
    this.#siteId = siteId;
  }

  get name(): string {
    return `edgesite-${this.#siteId}`;
  }

  /** Finds or makes it; callers at the same time share one attempt, a failure is not kept. */
  async ensure(signal: AbortSignal): Promise<PodNetwork> {
    this.#making ??= this.#findOrCreate(signal);
    try {
      return await this.#making;
    } catch (error) {
      this.#making = undefined;
      throw error;
    }
  }

  /** Look again before the next use: something failed that a missing network would explain. */
  forget(): void {
    this.#making = undefined;
  }

  async #findOrCreate(signal: AbortSignal): Promise<PodNetwork> {
    const found = (await this.#find(signal)) ?? (await this.#create(signal));
    const range = found.IPAM?.Config?.[0];
    if (range?.Subnet === undefined) throw new RuntimeError('Refused', `network ${this.name} has no subnet`);
    return { name: this.name, subnet: range.Subnet, gateway: range.Gateway ?? '' };
  }

  async #find(signal: AbortSignal): Promise<NetworkInspectInfo | undefined> {
    const filters = { label: [`${LABELS.site}=${this.#siteId}`] };
    const networks = await call(signal, () => this.#docker.listNetworks({ filters, abortSignal: signal }));
    return networks.find((network) => network.Name === this.name);
  }

  async #create(signal: AbortSignal): Promise<NetworkInspectInfo> {
    return call(signal, async () => {
      const network = await this.#docker.createNetwork({
        Name: this.name,
        CheckDuplicate: true,
        Driver: 'bridge',
        Labels: { [LABELS.site]: this.#siteId },
        abortSignal: signal,
      });
      return await network.inspect();
    });
  }
}
