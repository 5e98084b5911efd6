/** What the DMI is given by the site: Device objects as they are written, and their twins. */
import type { JsonObject } from '../../api/json.ts';

export interface DescribedDevice {
  /** `<namespace>/<name>`: also the id of its twin. */
  readonly id: string;
  readonly device: { readonly spec?: DeviceSpec };
  readonly model: { readonly spec?: { readonly properties?: readonly ModelProperty[] } } | undefined;
}

export interface DeviceSpec {
  readonly deviceModelRef?: { readonly name?: string };
  readonly properties?: readonly DeviceProperty[];
  readonly protocol?: NamedConfig;
  readonly methods?: readonly DeviceMethod[];
  readonly stateReport?: { readonly reportToCloud?: boolean; readonly reportCycle?: number };
}

export interface DeviceProperty {
  readonly name: string;
  readonly visitors?: NamedConfig;
  readonly reportCycle?: number;
  readonly collectCycle?: number;
  readonly reportToCloud?: boolean;
  readonly pushMethod?: JsonObject;
}

export interface NamedConfig {
  readonly protocolName?: string;
  readonly configData?: JsonObject;
}

export interface DeviceMethod {
  readonly name?: string;
  readonly description?: string;
  readonly propertyNames?: readonly string[];
}

export interface ModelProperty {
  readonly name: string;
  readonly description?: string;
  readonly type?: string;
  readonly accessMode?: string;
  readonly minimum?: string;
  readonly maximum?: string;
  readonly unit?: string;
}

export interface DmiDevices {
  attached(): readonly DescribedDevice[];
  attachedAs(id: string): DescribedDevice | undefined;
  /** Tells that a device came, went or is described anew. Returns the end of it. */
  onAttached(listener: (id: string) => void): () => void;
}

/** Values that somebody wants a device to take, by property. */
export type Desired = Readonly<Record<string, { readonly value: string; readonly type: string }>>;

export interface ReportedValue {
  readonly value: string;
  /** As the mapper calls it; counts where the Device object does not list the property. */
  readonly type?: string;
}

export interface DmiTwins {
  /** Rejects with DmiRefusal where a twin would answer a device with an error. */
  report(id: string, values: Readonly<Record<string, ReportedValue>>): Promise<void>;
  /** Rejects with DmiRefusal where there is no such state. */
  state(id: string, state: string): Promise<void>;
  desired(id: string): Desired;
  onChange(listener: (id: string) => void): () => void;
}

/** What a mapper did wrong, in words for it. */
export class DmiRefusal extends Error {
  override readonly name = 'DmiRefusal';
  readonly code: 'invalid' | 'not-found' | 'exhausted';

  constructor(code: DmiRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}
