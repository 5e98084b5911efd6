import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component, Readiness } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Informer } from '../../client/index.ts';
import type { PodNetwork } from '../pod-network.ts';
import { SLICES_OF_SERVICE } from '../service-index.ts';
import { SERVICES_BY_ADDRESS, SLICES_BY_ADDRESS } from './cluster-names.ts';
import { DnsServer } from './dns-server.ts';
import { Forwarder } from './forwarder.ts';
import { Responder } from './responder.ts';
import { Upstreams } from './upstreams.ts';

export interface ClusterDnsOptions {
  /** `cluster.local` */
  readonly domain: string;
  /** Who answers for names outside the cluster; empty: the machine's own name servers. */
  readonly upstreams: readonly string[];
  readonly port: number;
}

export interface ClusterDnsNeeds {
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  /** Told once of each new reason why pods have no name server. */
  readonly onUnavailable: (message: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 30_000, jitter: 0.2 };

/**
 * The name server of the site's pods. It listens on the address of their bridge, which no other machine is told of, and
 * answers nobody but them and this machine.
 */
export class ClusterDns implements Component {
  readonly name = 'dns';
  readonly #options: ClusterDnsOptions;
  readonly #needs: ClusterDnsNeeds;
  readonly #responder: Responder;
  readonly #closing = new AbortController();
  #network: PodNetwork | undefined;
  #server: DnsServer | undefined;
  #listening: Promise<void> = Promise.resolve();
  #problem: string | undefined;

  constructor(options: ClusterDnsOptions, needs: ClusterDnsNeeds) {
    const { services, slices, clock, random } = needs;
    this.#options = options;
    this.#needs = needs;
    this.#responder = new Responder({
      view: { domain: options.domain, services: services.objects, slices: slices.objects },
      isWhole: () => services.synced && slices.synced,
      forwarder: new Forwarder(new Upstreams(options.upstreams, clock), clock),
      random,
    });
  }

  start(): Promise<void> {
    const { services, slices } = this.#needs;
    services.addIndex(SERVICES_BY_ADDRESS);
    slices.addIndex(SLICES_BY_ADDRESS);
    slices.addIndex(SLICES_OF_SERVICE);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#listening;
    await this.#server?.close();
  }

  readiness(): Readiness {
    return this.#problem === undefined ? { ready: true } : { ready: true, reason: this.#problem };
  }

  /** 0 until it listens. */
  get port(): number {
    return this.#server?.port ?? 0;
  }

  /** May be called again, also with the same. */
  usePods(network: PodNetwork): void {
    if (this.#network?.gateway === network.gateway && this.#network.subnet === network.subnet) return;
    this.#network = network;
    this.#listening = this.#listening.then(() => this.#listenOn(network));
  }

  /** Resolves when the pods of the network known by now can ask. */
  whenListening(): Promise<void> {
    return this.#listening;
  }

  async #listenOn(network: PodNetwork): Promise<void> {
    const { clock, random, logger } = this.#needs;
    await this.#server?.close();
    this.#server = undefined;
    for (let attempt = 0; !this.#closing.signal.aborted && network === this.#network; attempt++) {
      const server = new DnsServer({
        answer: (message, transport, signal) => this.#responder.answer(message, transport, signal),
        admits: admittance(network.subnet),
        logger,
      });
      try {
        await server.listen(network.gateway, this.#options.port);
        this.#server = server;
        this.#problem = undefined;
        return logger.info({ address: network.gateway, port: server.port }, 'answering names of the cluster');
      } catch (error) {
        this.#fail(network, error);
        const pause = backoffMs(RETRY, attempt, random);
        await clock.sleep(pause, this.#closing.signal).catch(() => undefined); // ended by `close`
      }
    }
  }

  #fail({ gateway }: PodNetwork, error: unknown): void {
    const message =
      `pods have no name server: ${gateway} port ${this.#options.port} cannot be listened on (${messageOf(error)}). ` +
      'Let the name server of the machine listen on fewer addresses, or give pods another one with edged.cluster-dns.';
    if (this.#problem === message) return;
    this.#problem = message;
    this.#needs.logger.warn({}, message);
    this.#needs.onUnavailable(message);
  }
}

/** The pods of the subnet, and this machine under any address that it has at the time. */
function admittance(subnet: string): (address: string) => boolean {
  const [base = '', bits] = subnet.split('/');
  const pods = new BlockList();
  pods.addSubnet(base, Number(bits), isIPv6(base) ? 'ipv6' : 'ipv4');
  const ofMachine = (address: string): boolean =>
    Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === address));
  return (address) => pods.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') || ofMachine(address);
}
