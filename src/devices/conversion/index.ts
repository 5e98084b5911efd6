/** The conversion of `devices.kubeedge.io` between its versions, for the embedded API server. Pure. */
import { equalJson, isObject, type JsonObject } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { splitApiVersion } from '../../api/resources.ts';
import { GROUP } from '../device-kinds.ts';
import { deviceToV1alpha2, deviceToV1beta1 } from './device.ts';
import { modelToV1alpha2, modelToV1beta1 } from './device-model.ts';
import { keyed, type KeyedLists, listed } from './keyed.ts';
import { filledIn, lackedBy } from './remainder.ts';

type Version = 'v1alpha2' | 'v1beta1';

interface KindConversion {
  /** `spec` and `status` in the version, from the other one. */
  readonly to: Readonly<Record<Version, (object: JsonObject) => JsonObject>>;
  readonly lists: Readonly<Record<Version, KeyedLists>>;
}

const DEVICE: KindConversion = {
  to: { v1alpha2: deviceToV1alpha2, v1beta1: deviceToV1beta1 },
  lists: {
    v1alpha2: { 'spec.propertyVisitors': 'propertyName', 'status.twins': 'propertyName' },
    v1beta1: { 'spec.properties': 'name', 'status.twins': 'propertyName' },
  },
};

const DEVICE_MODEL: KindConversion = {
  to: { v1alpha2: modelToV1alpha2, v1beta1: modelToV1beta1 },
  lists: { v1alpha2: { 'spec.properties': 'name' }, v1beta1: { 'spec.properties': 'name' } },
};

export function deviceAs(device: KubeObject, version: string): KubeObject {
  return converted(device, version, DEVICE);
}

export function modelAs(model: KubeObject, version: string): KubeObject {
  return converted(model, version, DEVICE_MODEL);
}

/** By the names of the definitions. */
export const DEVICE_CONVERTERS: Readonly<Record<string, (object: KubeObject, version: string) => KubeObject>> = {
  [`devices.${GROUP}`]: deviceAs,
  [`devicemodels.${GROUP}`]: modelAs,
};

/** What a version cannot say is kept as an annotation that the other one takes back. */
function converted(object: KubeObject, version: string, kind: KindConversion): KubeObject {
  const from = splitApiVersion(object.apiVersion ?? '')[1];
  if (!isVersion(from) || !isVersion(version) || from === version) return object;
  const annotations = { ...object.metadata?.annotations };
  const kept = parsed(annotations[remainderOf(version)]);
  delete annotations[remainderOf(version)];

  const source = contentOf(object);
  const content = translated(source, from, version, kept ?? {}, kind);
  const lost = lostBy(source, from, content, version, kind);
  if (lost !== undefined) annotations[remainderOf(from)] = JSON.stringify(lost);

  const { spec: _spec, status: _status, ...rest } = object;
  const { annotations: _annotations, ...metadata } = object.metadata ?? {};
  return {
    ...rest,
    apiVersion: `${GROUP}/${version}`,
    metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    ...content,
  };
}

/** `kept`: what was lost on the way here. It may be all of the object as it was: that is it, unless it was changed since. */
function translated(
  source: JsonObject,
  from: Version,
  version: Version,
  kept: JsonObject,
  { to, lists }: KindConversion,
): JsonObject {
  const whole = listed(kept, lists[version]);
  if (equalJson(to[from](whole), source)) return whole;
  const plain = keyed(to[version](source), lists[version]);
  const lacked = lackedBy(keyed(to[version](to[from](whole)), lists[version]), keyed(kept, lists[version]));
  return listed(filledIn(plain, lacked ?? {}), lists[version]);
}

/** What `content` cannot say of the source; all of it where something would come back otherwise, such as an order. */
function lostBy(
  source: JsonObject,
  from: Version,
  content: JsonObject,
  version: Version,
  kind: KindConversion,
): JsonObject | undefined {
  const { to, lists } = kind;
  const lost = lackedBy(keyed(to[from](content), lists[from]), keyed(source, lists[from]));
  return equalJson(translated(content, version, from, lost ?? {}, kind), source) ? lost : source;
}

/** `devices.edgesite.io/v1beta1`: what only v1beta1 can say. */
function remainderOf(version: Version): string {
  return `devices.edgesite.io/${version}`;
}

function isVersion(version: string): version is Version {
  return version === 'v1alpha2' || version === 'v1beta1';
}

function contentOf({ spec, status }: KubeObject): JsonObject {
  return {
    ...(isObject(spec) ? { spec } : {}),
    ...(isObject(status) ? { status } : {}),
  };
}

/** Nothing where somebody has written something else into the annotation. */
function parsed(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
