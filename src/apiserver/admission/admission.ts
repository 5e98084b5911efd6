import type { KubeObject } from '../../api/object.ts';
import type { ResourceInfo } from '../../api/resources.ts';
import type { Caller } from '../../client/index.ts';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write on its way to the store. */
export interface AdmissionRequest {
  readonly operation: AdmissionOperation;
  readonly resource: ResourceInfo;
  readonly subresource: string;
  readonly namespace: string;
  /** Empty while the name is still to be generated, and for deletecollection. */
  readonly name: string;
  /** The object as it will be stored; mutating plug-ins change it in place. Absent for DELETE. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly dryRun: boolean;
  /** Adds a `Warning` header to the answer. */
  readonly warn: (text: string) => void;
}

/** What plug-ins read of the cluster. */
export interface AdmissionObjects {
  get(plural: string, namespace: string, name: string): Promise<KubeObject | undefined>;
  list(plural: string, namespace: string): Promise<KubeObject[]>;
}

/** One concern. Throws StatusError (`Forbidden`, as a rule) to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  /** May change `object`. */
  admit?(request: AdmissionRequest, signal: AbortSignal): Promise<void> | void;
  /** Sees the object as it will be stored. */
  validate?(request: AdmissionRequest, signal: AbortSignal): Promise<void> | void;
}

/** All plug-ins in their order: first every change, later every check. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async admit(request: AdmissionRequest, signal: AbortSignal): Promise<void> {
    for (const plugin of this.#plugins) await plugin.admit?.(request, signal);
  }

  async validate(request: AdmissionRequest, signal: AbortSignal): Promise<void> {
    for (const plugin of this.#plugins) await plugin.validate?.(request, signal);
  }
}
