/** What a mapper is given by the site: which devices it speaks for, and their twins. */
import type { JsonObject } from '../api/json.ts';

export interface MappedProperty {
  readonly name: string;
  /** Of the model: `INT`, `FLOAT`, `DOUBLE`, `STRING`, `BOOLEAN`, …; `STRING` where there is none. */
  readonly type: string;
  readonly writable: boolean;
  /** How the property is reached, in the words of the protocol. */
  readonly visitor: JsonObject;
  /** How often it is read, in milliseconds; absent where the device does not say. */
  readonly collectMs?: number;
}

export interface MappedDevice {
  /** `<namespace>/<name>`: also the id of its twin. */
  readonly id: string;
  readonly protocol: string;
  readonly config: JsonObject;
  readonly properties: readonly MappedProperty[];
}

export interface DeviceSource {
  devices(): readonly MappedDevice[];
  device(id: string): MappedDevice | undefined;
  /** Tells that a device came, went or is described anew. Returns the end of it. */
  onChange(listener: (id: string) => void): () => void;
}

export interface TwinPort {
  /** Reported values by property. Rejects where a twin would answer a device with an error. */
  report(id: string, values: Readonly<Record<string, string>>): Promise<void>;
  state(id: string, state: 'online' | 'offline'): Promise<void>;
  /** Values that somebody wants the device to take and that it has not reported yet, by property. */
  wanted(id: string): Readonly<Record<string, string>>;
  onChange(listener: (id: string) => void): () => void;
}
