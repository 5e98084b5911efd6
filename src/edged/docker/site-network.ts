import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import type { NetworkInspectInfo } from 'dockerode';
import { isRuntimeError, type PodNetwork, RuntimeError } from '../runtime.ts';
import { call } from './docker-client.ts';
import { firstAddress, freeSubnets } from './free-subnet.ts';
import { LABELS } from './labels.ts';

const MAX_TRIES = 5;

/** The bridge of the site's pods, with a subnet that nothing else on the machine uses. */
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
    return { name: this.name, subnet: range.Subnet, gateway: range.Gateway ?? firstAddress(range.Subnet) };
  }

  async #find(signal: AbortSignal): Promise<NetworkInspectInfo | undefined> {
    const filters = { label: [`${LABELS.site}=${this.#siteId}`] };
    const networks = await call(signal, () => this.#docker.listNetworks({ filters, abortSignal: signal }));
    return networks.find((network) => network.Name === this.name);
  }

  /** Another network may take the same subnet at the same time: then the next one is tried. */
  async #create(signal: AbortSignal): Promise<NetworkInspectInfo> {
    const networks = await call(signal, () => this.#docker.listNetworks({ abortSignal: signal }));
    const ofNetworks = networks.flatMap(({ IPAM }) => IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
    const ofMachine = Object.values(networkInterfaces()).flatMap((each = []) => each.flatMap(({ cidr }) => cidr ?? []));
    let refusal: unknown = new RuntimeError('Refused', `no free subnet for the network ${this.name}`);
    for (const subnet of freeSubnets(this.#siteId, [...ofNetworks, ...ofMachine]).slice(0, MAX_TRIES)) {
      try {
        return await this.#createWith(subnet, signal);
      } catch (error) {
        if (!isRuntimeError(error, 'Refused')) throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  async #createWith(subnet: string, signal: AbortSignal): Promise<NetworkInspectInfo> {
    return call(signal, async () => {
      const network = await this.#docker.createNetwork({
        Name: this.name,
        CheckDuplicate: true,
        Driver: 'bridge',
        IPAM: { Config: [{ Subnet: subnet }] },
        Labels: { [LABELS.site]: this.#siteId },
        abortSignal: signal,
      });
      return await network.inspect();
    });
  }
}
