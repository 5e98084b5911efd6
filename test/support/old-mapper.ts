/**
 * Reads a device profile as the mappers of KubeEdge up to 1.14 do (kubeedge/mappers-go, `configmap/parse.go`): whatever is
 * not found ends it, and a limit that is no whole number cannot be read.
 */

export interface OldVisitor {
  readonly propertyName: string;
  readonly modelName: string;
  readonly protocol: string;
  readonly collectCycle?: number;
  readonly visitorConfig: Record<string, unknown>;
}

export interface OldTwin {
  readonly propertyName: string;
  readonly desired: {
    readonly value: string;
    readonly metadata: { readonly type: string; readonly timestamp?: string };
  };
}

export interface OldProperty {
  readonly name: string;
  readonly dataType: string;
  readonly accessMode?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface OldProtocol {
  readonly name: string;
  readonly protocol: string;
  readonly protocolConfig: Record<string, unknown>;
  readonly protocolCommonConfig?: Record<string, unknown>;
}

interface Profile {
  readonly deviceInstances?: readonly {
    readonly id: string;
    readonly protocol: string;
    readonly twins: readonly OldTwin[];
    readonly propertyVisitors: readonly OldVisitor[];
    readonly data?: { readonly dataProperties: readonly { readonly propertyName: string }[] };
  }[];
  readonly deviceModels?: readonly { readonly name: string; readonly properties: readonly OldProperty[] }[];
  readonly protocols?: readonly OldProtocol[];
}

/** A property that is read and written: how, of what kind, and which value it is to have. */
export interface OldPoint {
  readonly visitor: OldVisitor;
  readonly property: OldProperty;
  readonly twin: OldTwin;
}

export interface OldDevice {
  readonly protocol: OldProtocol;
  readonly points: ReadonlyMap<string, OldPoint>;
}

/** The devices of the protocol, by their ids. */
export function readProfile(text: string, protocolName: string): Map<string, OldDevice> {
  const { deviceInstances = [], deviceModels = [], protocols = [] } = JSON.parse(text) as Profile;
  for (const { properties } of deviceModels) for (const property of properties) assertWhole(property);
  const devices = new Map<string, OldDevice>();
  for (const instance of deviceInstances) {
    const protocol = found(protocols, ({ name }) => name === instance.protocol, 'Protocol');
    if (protocol.protocol !== protocolName) continue;
    const kinds = new Map(
      instance.propertyVisitors.map((visitor) => {
        const model = found(deviceModels, ({ name }) => name === visitor.modelName, 'Device model');
        return [visitor, found(model.properties, ({ name }) => name === visitor.propertyName, 'Property')];
      }),
    );
    const points = instance.twins.map((twin) => {
      const visitor = visitorOf(instance.propertyVisitors, twin.propertyName);
      const property = kinds.get(visitor);
      if (property === undefined) throw new Error('Property not found');
      return [twin.propertyName, { visitor, property, twin }] as const;
    });
    for (const { propertyName } of instance.data?.dataProperties ?? [])
      visitorOf(instance.propertyVisitors, propertyName);
    devices.set(instance.id, { protocol, points: new Map(points) });
  }
  return devices;
}

function visitorOf(visitors: readonly OldVisitor[], property: string): OldVisitor {
  return found(visitors, ({ propertyName }) => propertyName === property, 'PropertyVisitor');
}

function found<T>(list: readonly T[], is: (item: T) => boolean, what: string): T {
  const item = list.find(is);
  if (item === undefined) throw new Error(`${what} not found`);
  return item;
}

/** `int64` in the mappers. */
function assertWhole({ name, minimum = 0, maximum = 0 }: OldProperty): void {
  for (const limit of [minimum, maximum]) {
    if (!Number.isSafeInteger(limit)) throw new Error(`cannot unmarshal the limits of ${name} into int64`);
  }
}
