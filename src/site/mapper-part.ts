/** The mapper in the box and the door for others, joined to Device objects and twins. */
import { join } from 'node:path';
import { type AttachedDevice, type DeviceController, DevicePusher } from '../devices/index.ts';
import { type DeviceTwin, TwinError } from '../devicetwin/index.ts';
import {
  type DeviceSource,
  DmiRefusal,
  DmiServer,
  type DmiTwins,
  type MappedDevice,
  ModbusMapper,
  type TwinPort,
} from '../mappers/index.ts';
import { RemoteBroker } from '../mqtt/index.ts';
import type { Ground } from './ground.ts';

/** The mapper in the box and, where the configuration has a socket for them, the door for others. */
export function mappers(ground: Ground, devices: DeviceController, twins: DeviceTwin) {
  const modbus = modbusMapper(ground, devices, twins);
  if (ground.config.devicetwin['dmi-socket'] === '') return { modbus };
  return { modbus, dmi: dmiServer(ground, devices, twins) };
}

/** For the devices that no mapper outside of the process speaks for. */
export function devicePusher(
  { clock, random, logger }: Ground,
  devices: DeviceController,
  twins: DeviceTwin,
  dmi: DmiServer | undefined,
): DevicePusher {
  return new DevicePusher({
    devices,
    twins,
    isMapped: ({ device }) => dmi?.serves(device.spec?.protocol?.protocolName ?? '') ?? false,
    connect: (url) => new RemoteBroker(url),
    clock,
    random,
    logger: logger.child('device-pusher'),
  });
}

function dmiServer(
  { config, dataDir, clock, random, logger }: Ground,
  devices: DeviceController,
  twins: DeviceTwin,
): DmiServer {
  const options = { socket: config.devicetwin['dmi-socket'], file: join(dataDir.path, 'mappers.json') };
  return new DmiServer(options, { devices, twins: dmiTwins(twins), clock, random, logger: logger.child('dmi') });
}

function modbusMapper({ clock, random, logger }: Ground, devices: DeviceController, twins: DeviceTwin): ModbusMapper {
  const source: DeviceSource = {
    devices: () => devices.attached().map(mapped),
    device: (id) => {
      const found = devices.attachedAs(id);
      return found === undefined ? undefined : mapped(found);
    },
    onChange: (listener) => devices.onAttached(listener),
  };
  return new ModbusMapper({ source, twins: twinPort(twins), clock, random, logger: logger.child('modbus') });
}

function mapped({ id, device, model }: AttachedDevice): MappedDevice {
  const { protocol, properties = [] } = device.spec ?? {};
  const rules = new Map((model?.spec?.properties ?? []).map((rule) => [rule.name, rule]));
  return {
    id,
    protocol: protocol?.protocolName ?? '',
    config: protocol?.configData ?? {},
    properties: properties.map(({ name, visitors, collectCycle }) => {
      const rule = rules.get(name);
      return {
        name,
        type: rule?.type ?? 'STRING',
        writable: rule?.accessMode === 'ReadWrite',
        visitor: visitors?.configData ?? {},
        ...(collectCycle === undefined ? {} : { collectMs: collectCycle }),
      };
    }),
  };
}

function twinPort(twins: DeviceTwin): TwinPort {
  return {
    report: (id, values) => {
      const update = Object.entries(values).map(([key, value]) => [key, { actual: { value } }] as const);
      return twins.update(id, Object.fromEntries(update));
    },
    state: (id, state) => twins.report(id, state),
    wanted: (id) => {
      const wanted = Object.entries(twins.get(id)?.twin ?? {}).flatMap(([key, { expected, actual }]) =>
        expected === undefined || expected.value === actual?.value ? [] : [[key, expected.value] as const],
      );
      return Object.fromEntries(wanted);
    },
    onChange: (listener) => twins.listen({ changed: listener }),
  };
}

function dmiTwins(twins: DeviceTwin): DmiTwins {
  return {
    report: (id, values) => {
      const update = Object.entries(values).map(([key, { value, type }]) => {
        return [key, { actual: { value }, ...(type === undefined ? {} : { metadata: { type } }) }] as const;
      });
      return orRefused(twins.update(id, Object.fromEntries(update)));
    },
    state: (id, state) => orRefused(twins.report(id, state)),
    desired: (id) => {
      const desired = Object.entries(twins.get(id)?.twin ?? {}).flatMap(([key, { expected, metadata }]) =>
        expected === undefined ? [] : [[key, { value: expected.value, type: metadata.type }] as const],
      );
      return Object.fromEntries(desired);
    },
    onChange: (listener) => twins.listen({ changed: listener }),
  };
}

async function orRefused(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    throw error instanceof TwinError ? new DmiRefusal('invalid', error.message) : error;
  }
}
