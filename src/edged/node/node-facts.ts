/** What is so about this machine and its engine at one moment; all that the Node's status is made of. */

export interface MachineFacts {
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  /** Of the file system that holds the data directory. */
  readonly diskBytes: number;
  readonly diskAvailableBytes: number;
  /** Bytes set aside for each page size: `{ '2Mi': 0 }`. */
  readonly hugePages: Readonly<Record<string, number>>;
  readonly processes: number;
  readonly maxProcesses: number;
  /** Docker's and Kubernetes' name: `amd64`. */
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

export interface NodeImage {
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
}

/** The engine answers, or why it does not, worded for a person. */
export type RuntimeFacts =
  | { readonly kind: 'up'; readonly version: string; readonly images: readonly NodeImage[] }
  | { readonly kind: 'down'; readonly message: string };

export interface NodeFacts {
  readonly machine: MachineFacts;
  readonly runtime: RuntimeFacts;
  /** The address under which the node is reached. */
  readonly address: string;
}

/** What the configuration says about the node. */
export interface NodeSettings {
  readonly nodeName: string;
  /** Register it, or wait for somebody to make the Node object. */
  readonly register: boolean;
  /** `v1.36.0-edgesite.0.1.0` */
  readonly kubeletVersion: string;
  readonly kubeletPort: number;
  readonly maxPods: number;
  /** Replaces what the machine has; 0: what it has. */
  readonly memoryCapacityBytes: number;
}
