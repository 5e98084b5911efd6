/**
 * Which resources are sealed with which keys: the file of kube-apiserver's `--encryption-provider-config`
 * (`apiserver.config.k8s.io/v1`, kind `EncryptionConfiguration`). Of its providers `aesgcm` and `identity` are known.
 */
import { parse } from 'yaml';
import { messageOf, UserError } from '../base/errors.ts';

export const CONFIGURATION_API_VERSION = 'apiserver.config.k8s.io/v1';
export const CONFIGURATION_KIND = 'EncryptionConfiguration';

/** AES-128, AES-192 and AES-256. */
const KEY_LENGTHS_BYTES = [16, 24, 32];
/** The name stands in front of each sealed value, between colons. */
const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const RESOURCE = /^[a-z0-9]+(\.[a-z0-9.-]+)?$/;

export interface EncryptionConfiguration {
  /** By name: every key by which something may be read. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  /** By resource (`secrets`, `widgets.example.com`): the name of the key that writes. Others are written as they are. */
  readonly writers: ReadonlyMap<string, string>;
}

/** Throws UserError that names the file and the place in it. */
export function parseEncryptionConfiguration(file: string, text: string): EncryptionConfiguration {
  const root = record(file, '', documentOf(file, text));
  if (root['kind'] !== CONFIGURATION_KIND || root['apiVersion'] !== CONFIGURATION_API_VERSION) {
    throw wrong(file, '', `expected kind ${CONFIGURATION_KIND} of apiVersion ${CONFIGURATION_API_VERSION}`);
  }
  const keys = new Map<string, Uint8Array>();
  const writers = new Map<string, string>();
  const seen = new Set<string>();
  for (const [index, value] of list(file, 'resources', root['resources']).entries()) {
    const at = `resources[${index}]`;
    const entry = record(file, at, value);
    const writer = readProviders(file, `${at}.providers`, entry['providers'], keys);
    for (const resource of list(file, `${at}.resources`, entry['resources'])) {
      if (typeof resource !== 'string' || !RESOURCE.test(resource)) {
        throw wrong(
          file,
          `${at}.resources`,
          'expected names such as secrets or widgets.example.com, without wildcards',
        );
      }
      // The first entry that names a resource wins.
      if (!seen.has(resource) && writer !== undefined) writers.set(resource, writer);
      seen.add(resource);
    }
  }
  return { keys, writers };
}

/** Takes in the keys; the name of the first one, unless `identity` stands first. */
function readProviders(file: string, at: string, value: unknown, keys: Map<string, Uint8Array>): string | undefined {
  const names = list(file, at, value).map((each, index) => {
    const place = `${at}[${index}]`;
    const provider = record(file, place, each);
    const [kind = '', ...more] = Object.keys(provider);
    if (more.length > 0) throw wrong(file, place, 'expected one provider in each entry');
    if (kind === 'identity') return undefined;
    if (kind !== 'aesgcm') throw wrong(file, place, `unknown provider "${kind}"; aesgcm and identity are known`);
    return readKeys(file, `${place}.aesgcm.keys`, record(file, `${place}.aesgcm`, provider[kind])['keys'], keys);
  });
  return names[0];
}

function readKeys(file: string, at: string, value: unknown, keys: Map<string, Uint8Array>): string | undefined {
  const names = list(file, at, value).map((each, index) => {
    const { name, secret } = record(file, `${at}[${index}]`, each);
    if (typeof name !== 'string' || !KEY_NAME.test(name)) {
      throw wrong(file, `${at}[${index}].name`, 'expected letters, digits, dots and dashes, 63 at most');
    }
    const key = Buffer.from(typeof secret === 'string' ? secret : '', 'base64');
    if (!KEY_LENGTHS_BYTES.includes(key.byteLength)) {
      throw wrong(
        file,
        `${at}[${index}].secret`,
        'expected 16, 24 or 32 bytes in base64; head -c 32 /dev/urandom | base64',
      );
    }
    const known = keys.get(name);
    if (known !== undefined && !key.equals(known)) throw wrong(file, at, `two keys have the name "${name}"`);
    keys.set(name, key);
    return name;
  });
  return names[0];
}

function documentOf(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${file}: this is not YAML: ${messageOf(error)}`, { cause: error });
  }
}

function record(file: string, at: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(file, at, 'expected a map');
}

function list(file: string, at: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw wrong(file, at, 'expected a list that is not empty');
}

function wrong(file: string, at: string, why: string): UserError {
  return new UserError(`${file}: ${at === '' ? '' : `${at}: `}${why}. Mend the file and start again.`);
}
