import type { Component } from '../base/component.ts';
import { type KubeClient, writeThrough } from '../client/index.ts';
import { CLUSTER_CONTROLLERS, type ControllerName, WORKLOAD_CONTROLLERS } from './registry.ts';
import type { Controller, ControllerContext } from './runtime/controller.ts';

export interface ControllersOptions extends Omit<ControllerContext, 'client'> {
  readonly client: KubeClient;
  /** Namespaces, accounts, garbage, node life cycle: what keeps a cluster in order. */
  readonly cluster: boolean;
  /** Deployments and their like, and the endpoints of services. */
  readonly workloads: boolean;
  /** Leaves single controllers out. */
  readonly disabled?: readonly ControllerName[];
}

/** All controllers of a kube-controller-manager that a site needs, over one set of informers. */
export class Controllers implements Component {
  readonly name = 'controllers';
  readonly #options: ControllersOptions;
  #running: Controller[] = [];

  constructor(options: ControllersOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { informers, client, cluster, workloads, disabled = [] } = this.#options;
    const context: ControllerContext = { ...this.#options, client: writeThrough(client, informers) };
    const registered = { ...(workloads ? WORKLOAD_CONTROLLERS : {}), ...(cluster ? CLUSTER_CONTROLLERS : {}) };
    const chosen = Object.entries(registered).filter(([name]) => !disabled.some((each) => each === name));
    const controllers = chosen.map(([, make]) => make(context));
    this.#running = controllers;
    await informers.start(signal);
    for (const controller of controllers) controller.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((controller) => controller.close()));
  }
}
