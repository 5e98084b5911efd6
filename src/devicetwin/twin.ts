/** The shapes of KubeEdge's device twin as they go over MQTT and lie in the store: `edge/pkg/devicetwin/dttype`. */

export interface TwinValue {
  readonly value: string;
  /** Milliseconds since the epoch, by the clock of the edge. */
  readonly metadata: { readonly timestamp: number };
}

/** How often each side has set a value: the last writer wins by it. */
export interface TwinVersion {
  readonly cloud: number;
  readonly edge: number;
}

export interface TwinProperty {
  readonly expected?: TwinValue;
  readonly actual?: TwinValue;
  /** Whether a device may delete the property. */
  readonly optional: boolean;
  readonly metadata: { readonly type: string };
  readonly expectedVersion?: TwinVersion;
  readonly actualVersion?: TwinVersion;
}

export type Twin = Readonly<Record<string, TwinProperty>>;

/** What a declared property holds its values to. */
export interface PropertyRule {
  readonly type: string;
  /** Whether nobody may set an expected value. */
  readonly readOnly?: boolean;
  /** Numbers as text; integers may pass 2^53. */
  readonly minimum?: string;
  readonly maximum?: string;
  /** Values may be any text: the alphabet of KubeEdge does not bind those of a declared type. */
  readonly anyText?: boolean;
  /** Whether the reported value is a measurement for Prometheus. */
  readonly measured?: boolean;
}

export interface DeclaredProperty extends PropertyRule {
  /** The desired value of the declaration that came last; another one in the next is a write of that side. */
  readonly desired?: string;
  /** Why the device is not told that value. */
  readonly refused?: string;
  /** The edge's version of the expected value that the declaring side knows or has overruled. A later one is news to it. */
  readonly settledEdge: number;
}

/** A device as the store keeps it. */
export interface Device {
  /** `<namespace>/<name>`, or one segment in the older form. */
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly state?: string;
  /** RFC 3339, whole seconds. */
  readonly lastOnline?: string;
  readonly twin: Twin;
  /** The id in its topics, where the device speaks in the form of one segment. */
  readonly spokenAs?: string;
  /** Absent where the device has introduced itself. */
  readonly declared?: Readonly<Record<string, DeclaredProperty>>;
}

/** What a device asks to change. `null` deletes an optional property. */
export interface PropertyUpdate {
  readonly actual?: { readonly value: string };
  readonly expected?: { readonly value: string };
  readonly optional?: boolean;
  readonly metadata?: { readonly type?: string };
}

export type TwinUpdate = Readonly<Record<string, PropertyUpdate | null>>;

/** A refusal as it is answered: `{event_id, timestamp, code, reason}`. */
export class TwinError extends Error {
  override readonly name = 'TwinError';
  readonly code: 400 | 404 | 500;

  constructor(code: 400 | 404 | 500, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** A property as devices see it: without versions, members in KubeEdge's order. */
export function visible(property: TwinProperty): Omit<TwinProperty, 'expectedVersion' | 'actualVersion'> {
  const { expected, actual, optional, metadata } = property;
  return {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    optional,
    metadata,
  };
}

/** With keys in order, as KubeEdge sends maps. */
export function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
