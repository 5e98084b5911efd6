/** The twins of this node as the controller needs them. The device twin of the site fills this port. */

export interface TwinSide {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly metadata: { readonly timestamp: number };
}

export interface TwinProperty {
  readonly expected?: TwinSide;
  readonly actual?: TwinSide;
  /** `edge` counts what was reported. */
  readonly actualVersion?: { readonly edge: number };
  readonly metadata: { readonly type: string };
}

export interface TwinnedDevice {
  readonly id: string;
  readonly state?: string;
  readonly lastOnline?: string;
  readonly twin: Readonly<Record<string, TwinProperty>>;
  /** Absent where nobody has declared the device. */
  readonly declared?: object;
}

/** What a Device object and its model say of a twin. */
export interface Declaration {
  readonly id: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, DeclaredProperty>>;
}

export interface DeclaredProperty {
  /** `int`, `float`, `double`, `string`, `boolean`, `bytes`, `stream`. */
  readonly type: string;
  readonly readOnly?: boolean;
  readonly minimum?: string;
  readonly maximum?: string;
  readonly anyText?: boolean;
  /** Whether the reported value is a measurement for Prometheus. */
  readonly measured?: boolean;
  /** `at`: when it was set, in milliseconds. */
  readonly desired?: { readonly value: string; readonly at: number };
}

export interface DeviceTwins {
  devices(): readonly TwinnedDevice[];
  get(id: string): TwinnedDevice | undefined;
  /** Whether `declare` would change anything. */
  isNews(declaration: Declaration): boolean;
  declare(declaration: Declaration): Promise<void>;
  retire(id: string): Promise<void>;
  /** Expected values set at the edge that no declaration has brought back yet, by property. */
  unsettled(id: string): Readonly<Record<string, TwinProperty>>;
  listen(events: {
    changed(id: string): void;
    violated(id: string, reason: string, message: string): void;
  }): () => void;
}
