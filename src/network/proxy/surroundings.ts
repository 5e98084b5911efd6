/** What rules depend on beside the services. */
import type { ChainNames } from './chain-names.ts';

/** The pods' network on this machine. */
export interface PodSubnet {
  /** `10.200.4.0/22` */
  readonly cidr: string;
  /** Whether the kernel shows packets between two ports of the bridge to the packet filter. */
  readonly filtered: boolean;
  /** Where they ask for names on this machine; absent: elsewhere. */
  readonly nameServer?: string;
}

export interface Surroundings {
  readonly names: ChainNames;
  /** Absent until there is one: then no pod runs. */
  readonly pods: PodSubnet | undefined;
  /** Whether Docker's chain for rules of others is there: it stays in front, whatever networks Docker makes later. */
  readonly dockerUser: boolean;
  /** In which sessions of UDP routes are tracked, by the keys of the routes. */
  readonly zones: ReadonlyMap<string, number>;
}
