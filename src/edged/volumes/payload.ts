/** What a volume made of API objects holds: files by their path in the volume. Pure. */
import type { ConfigMap, Secret } from '../../api/kinds.ts';

export interface PayloadFile {
  readonly data: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

export type Payload = ReadonlyMap<string, PayloadFile>;

interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

export interface Selection {
  /** Absent: all keys, each under its own name. */
  readonly items?: readonly KeyToPath[] | undefined;
  readonly defaultMode: number;
  readonly optional: boolean;
}

/** A key that was asked for is not in the object. */
export class MissingKey extends Error {
  override readonly name = 'MissingKey';
}

export function configMapData(configMap: ConfigMap): ReadonlyMap<string, Uint8Array> {
  const text = Object.entries(configMap.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  const binary = Object.entries(configMap.binaryData ?? {}).map(([key, value]) => [key, base64(value)] as const);
  return new Map<string, Uint8Array>([...text, ...binary]);
}

export function secretData(secret: Secret): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(secret.data ?? {}).map(([key, value]) => [key, base64(value)]));
}

/** The chosen keys as files; `missing` begins the sentence about a key that is not there. Throws MissingKey. */
export function select(data: ReadonlyMap<string, Uint8Array>, selection: Selection, missing: string): Payload {
  const { items, defaultMode, optional } = selection;
  if (items === undefined || items.length === 0) {
    return new Map([...data].map(([key, value]) => [key, { data: value, mode: defaultMode }]));
  }
  const files = new Map<string, PayloadFile>();
  for (const { key, path, mode } of items) {
    const value = data.get(key);
    if (value !== undefined) files.set(path, { data: value, mode: mode ?? defaultMode });
    else if (!optional) throw new MissingKey(`${missing}: ${key}`);
  }
  return files;
}

function base64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}
