import type { Logger } from '../base/logger.ts';

/** What others in the process hear of devices; they read the present state themselves. Must not throw, must not block. */
export interface DeviceEvents {
  /** Twin, state or membership of the device is another one now. */
  changed?(id: string): void;
  /** A value was refused, or is outside of the limits of the model: `reason` in CamelCase, `message` for people. */
  violated?(id: string, reason: string, message: string): void;
}

export class DeviceListeners implements Required<DeviceEvents> {
  readonly #logger: Logger;
  readonly #listeners = new Set<DeviceEvents>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Returns the end of it. */
  add(events: DeviceEvents): () => void {
    this.#listeners.add(events);
    return () => this.#listeners.delete(events);
  }

  changed(id: string): void {
    for (const listener of this.#listeners) listener.changed?.(id);
  }

  violated(id: string, reason: string, message: string): void {
    this.#logger.debug({ device: id, reason }, message);
    for (const listener of this.#listeners) listener.violated?.(id, reason, message);
  }
}
