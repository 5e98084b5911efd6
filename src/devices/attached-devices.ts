import type { Device, DeviceModel } from './device-kinds.ts';

export interface AttachedDevice {
  /** `<namespace>/<name>`: also the id of its twin. */
  readonly id: string;
  readonly device: Device;
  /** Absent where the cluster has none of the name. */
  readonly model: DeviceModel | undefined;
}

/** The Device objects of this node, for mappers: what to read and write where. Known also while the API is away. */
export interface AttachedDevices {
  /** Whether the API itself has told which devices and models there are. */
  readonly areCurrent: boolean;
  attached(): readonly AttachedDevice[];
  attachedAs(id: string): AttachedDevice | undefined;
  /** Tells of devices that come, go, or are described anew, not of what they report. Returns the end of it. */
  onAttached(listener: (id: string) => void): () => void;
  /** Writes an Event of type Warning about the device, where it is attached. */
  warn(id: string, reason: string, message: string): void;
}
