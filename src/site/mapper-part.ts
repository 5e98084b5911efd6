/** The mapper in the box, joined to Device objects and twins. */
import type { AttachedDevice, DeviceController } from '../devices/index.ts';
import type { DeviceTwin } from '../devicetwin/index.ts';
import { type DeviceSource, type MappedDevice, ModbusMapper, type TwinPort } from '../mappers/index.ts';
import type { Ground } from './ground.ts';

export function modbusMapper(
  { clock, random, logger }: Ground,
  devices: DeviceController,
  twins: DeviceTwin,
): ModbusMapper {
  const source: DeviceSource = {
    devices: () => devices.attached().map(mapped),
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
