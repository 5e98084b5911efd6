import { deploymentController } from './deployment/deployment-controller.ts';
import { replicaSetController } from './replicaset/replica-set-controller.ts';
import type { Controller, ControllerContext } from './runtime/controller.ts';

type Registry = Readonly<Record<string, (context: ControllerContext) => Controller>>;

export const CLUSTER_CONTROLLERS: Registry = {};

export const WORKLOAD_CONTROLLERS = {
  deployment: deploymentController,
  replicaset: replicaSetController,
} as const satisfies Registry;

export type ControllerName = keyof typeof WORKLOAD_CONTROLLERS;
