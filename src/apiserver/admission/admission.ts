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
  /** Adds an annotation to the entry of the audit log, where one is kept. */
  readonly annotate?: ((key: string, value: string) => void) | undefined;
}

/** One way through all plug-ins that may change the object; it may go through them twice. */
export class MutationRun {
  /** Whether this is the second time: what ran early gets to see what ran later. */
  again = false;
  /** Set by a plug-in whose change others should see, to have all run a second time. */
  wantsAgain = false;
}

export interface MutatingRequest extends AdmissionRequest {
  /** The same object in both rounds. */
  readonly run: MutationRun;
}

/** What plug-ins read of the cluster. */
export interface AdmissionObjects {
  get(plural: string, namespace: string, name: string): Promise<KubeObject | undefined>;
  list(plural: string, namespace: string): Promise<KubeObject[]>;
}

/** One concern. Throws StatusError (`Forbidden`, as a rule) to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  /** May change `object`; runs a second time where a plug-in asks for it. */
  admit?(request: MutatingRequest, signal: AbortSignal): Promise<void> | void;
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
    const run = new MutationRun();
    await this.#admitOnce({ ...request, run }, signal);
    if (!run.wantsAgain) return;
    run.again = true;
    await this.#admitOnce({ ...request, run }, signal);
  }

  async validate(request: AdmissionRequest, signal: AbortSignal): Promise<void> {
    for (const plugin of this.#plugins) await plugin.validate?.(request, signal);
  }

  async #admitOnce(request: MutatingRequest, signal: AbortSignal): Promise<void> {
    for (const plugin of this.#plugins) await plugin.admit?.(request, signal);
  }
}
