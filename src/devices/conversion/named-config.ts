/** Protocols and visitors: in v1alpha2 a member for each protocol, in v1beta1 a name and settings. Pure. */
import { isObject, type JsonObject, ownMember } from '../../api/json.ts';

const PROTOCOLS = ['modbus', 'opcua', 'bluetooth'];
const CUSTOM = 'customizedProtocol';

/** `shared`: what v1alpha2 has beside the protocols (`common`, `customizedValues`); it becomes a setting of that name. */
export function toNamedConfig(byProtocol: JsonObject, shared: string): JsonObject | undefined {
  const name = PROTOCOLS.find((each) => isObject(ownMember(byProtocol, each)));
  const custom = ownMember(byProtocol, CUSTOM);
  const named = name === undefined ? custom : { protocolName: name, configData: byProtocol[name] ?? {} };
  const also = ownMember(byProtocol, shared);
  if (also === undefined) return isObject(named) ? named : undefined;
  const { configData, ...rest } = isObject(named) ? named : {};
  return { ...rest, configData: { ...(isObject(configData) ? configData : {}), [shared]: also } };
}

export function fromNamedConfig({ protocolName, configData }: JsonObject, shared: string): JsonObject {
  const settings: JsonObject = isObject(configData) ? { ...configData } : {};
  const also = ownMember(settings, shared);
  delete settings[shared];
  const name = typeof protocolName === 'string' ? protocolName : undefined;
  const custom: JsonObject = {
    ...(name === undefined ? {} : { protocolName: name }),
    ...(isObject(configData) && (also === undefined || Object.keys(settings).length > 0)
      ? { configData: settings }
      : {}),
  };
  const known = name !== undefined && PROTOCOLS.includes(name);
  return {
    ...(known ? { [name]: settings } : Object.keys(custom).length > 0 ? { [CUSTOM]: custom } : {}),
    ...(also === undefined ? {} : { [shared]: also }),
  };
}
