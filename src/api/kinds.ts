/**
 * The typed kinds as they are on the wire: the models of `@kubernetes/client-node` with dates as RFC 3339 strings.
 * Types only; nothing of that package is loaded for them.
 */
import type * as models from '@kubernetes/client-node';
import type { ObjectMeta } from './object.ts';

/** A model as JSON carries it. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? Wire<E>[]
    : IsObjectMeta<T> extends true
      ? ObjectMeta
      : T extends object
        ? { [K in keyof T]: Wire<T[K]> }
        : T;

/** Maps of labels or data have every key, those of the metadata too. */
type IsObjectMeta<T> = string extends keyof T ? false : keyof models.V1ObjectMeta extends keyof T ? true : false;

/** An object kind: also open to fields the models do not know. */
type Kind<T> = Wire<T> & { [key: string]: unknown };

export type Pod = Kind<models.V1Pod>;
export type PodSpec = Wire<models.V1PodSpec>;
export type PodStatus = Wire<models.V1PodStatus>;
export type PodCondition = Wire<models.V1PodCondition>;
export type PodTemplateSpec = Wire<models.V1PodTemplateSpec>;
export type Container = Wire<models.V1Container>;
export type ContainerStatus = Wire<models.V1ContainerStatus>;
export type ContainerState = Wire<models.V1ContainerState>;
export type EnvVar = Wire<models.V1EnvVar>;
export type Probe = Wire<models.V1Probe>;
export type Volume = Wire<models.V1Volume>;
export type CertificateSigningRequest = Kind<models.V1CertificateSigningRequest>;
export type Node = Kind<models.V1Node>;
export type NodeStatus = Wire<models.V1NodeStatus>;
export type NodeCondition = Wire<models.V1NodeCondition>;
export type Taint = Wire<models.V1Taint>;
export type Toleration = Wire<models.V1Toleration>;
export type Namespace = Kind<models.V1Namespace>;
export type FlowSchema = Kind<models.V1FlowSchema>;
export type PriorityLevelConfiguration = Kind<models.V1PriorityLevelConfiguration>;
export type ConfigMap = Kind<models.V1ConfigMap>;
export type Secret = Kind<models.V1Secret>;
export type Service = Kind<models.V1Service>;
export type ServiceAccount = Kind<models.V1ServiceAccount>;
export type Endpoints = Kind<models.V1Endpoints>;
export type CoreEvent = Kind<models.CoreV1Event>;
export type Deployment = Kind<models.V1Deployment>;
export type ReplicaSet = Kind<models.V1ReplicaSet>;
export type EndpointSlice = Kind<models.V1EndpointSlice>;
export type Lease = Kind<models.V1Lease>;
export type LimitRange = Kind<models.V1LimitRange>;
export type PersistentVolume = Kind<models.V1PersistentVolume>;
export type PersistentVolumeClaim = Kind<models.V1PersistentVolumeClaim>;
export type StorageClass = Kind<models.V1StorageClass>;
export type ResourceQuota = Kind<models.V1ResourceQuota>;
export type ClusterRole = Kind<models.V1ClusterRole>;
export type LabelSelector = Wire<models.V1LabelSelector>;
export type ControllerRevision = Kind<models.V1ControllerRevision>;
export type DaemonSet = Kind<models.V1DaemonSet>;
export type StatefulSet = Kind<models.V1StatefulSet>;
export type Job = Kind<models.V1Job>;
export type CronJob = Kind<models.V1CronJob>;
export type PodDisruptionBudget = Kind<models.V1PodDisruptionBudget>;
export type ApiService = Kind<models.V1APIService>;
export type ApiServiceCondition = Wire<models.V1APIServiceCondition>;
export type HorizontalPodAutoscaler = Kind<models.V2HorizontalPodAutoscaler>;
export type MetricSpec = Wire<models.V2MetricSpec>;
export type MetricStatus = Wire<models.V2MetricStatus>;
export type MetricTarget = Wire<models.V2MetricTarget>;
export type ScalingRules = Wire<models.V2HPAScalingRules>;
export type Scale = Kind<models.V1Scale>;
