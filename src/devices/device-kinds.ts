/** The kinds of `devices.kubeedge.io` as they are on the wire, as far as the site reads and writes them. */
import type { JsonObject } from '../api/json.ts';
import type { ObjectMeta } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';

export const GROUP = 'devices.kubeedge.io';
export const VERSION = 'v1beta1';

export const DEVICES: ResourceInfo = resource('Device', 'devices');
export const DEVICE_MODELS: ResourceInfo = resource('DeviceModel', 'devicemodels');
export const DEVICE_STATUSES: ResourceInfo = resource('DeviceStatus', 'devicestatuses');

function resource(kind: string, plural: string): ResourceInfo {
  return { group: GROUP, version: VERSION, kind, plural, singular: kind.toLowerCase(), namespaced: true };
}

interface CustomObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  [key: string]: unknown;
}

/** A value and what is known of it: `timestamp` (milliseconds as text), `type`. */
export interface PropertyValue {
  value: string;
  metadata?: Record<string, string>;
}

export interface DeviceProperty {
  name: string;
  desired?: PropertyValue;
  reportToCloud?: boolean;
  collectCycle?: number;
  reportCycle?: number;
  visitors?: NamedConfig;
  pushMethod?: JsonObject;
}

export interface DeviceMethod {
  name?: string;
  description?: string;
  propertyNames?: string[];
}

export interface NamedConfig {
  protocolName?: string;
  configData?: JsonObject;
}

export interface Device extends CustomObject {
  spec?: {
    deviceModelRef?: { name?: string };
    nodeName?: string;
    properties?: DeviceProperty[];
    protocol?: NamedConfig;
    methods?: DeviceMethod[];
    stateReport?: { reportToCloud?: boolean; reportCycle?: number };
  };
  status?: ReportedStatus & { summary?: string };
}

export interface TwinStatus {
  propertyName: string;
  reported?: PropertyValue;
  observedDesired?: PropertyValue;
}

export interface ReportedStatus {
  twins?: TwinStatus[];
  state?: string;
  lastOnlineTime?: string;
}

export interface DeviceStatus extends CustomObject {
  status?: ReportedStatus;
}

export interface ModelProperty {
  name: string;
  description?: string;
  type?: 'INT' | 'FLOAT' | 'DOUBLE' | 'STRING' | 'BOOLEAN' | 'BYTES' | 'STREAM';
  accessMode?: 'ReadWrite' | 'ReadOnly';
  minimum?: string;
  maximum?: string;
  unit?: string;
}

export interface DeviceModel extends CustomObject {
  spec?: { protocol?: string; properties?: ModelProperty[] };
}
