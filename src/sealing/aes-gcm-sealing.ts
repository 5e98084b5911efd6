import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import type { RowSealing } from '../base/row-sealing.ts';
import type { KeyFile } from './key-file.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** As kube-apiserver writes it into etcd; what is not sealed begins with a brace. */
const MARK = 'k8s:enc:aesgcm:v1:';
/** A mark, a name of 63 characters and its colon. */
const MAX_HEAD_BYTES = 128;

interface Key {
  readonly bytes: Uint8Array;
  readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';
  /** `k8s:enc:aesgcm:v1:NAME:` */
  readonly head: Buffer;
}

/** Seals rows with AES-GCM. Each is bound to its place: a value moved to another key of the store does not open. */
export class AesGcmSealing implements RowSealing {
  readonly #file: string;
  readonly #save: () => Promise<void>;
  readonly #keys: ReadonlyMap<string, Key>;
  readonly #writers: ReadonlyMap<string, Key>;

  constructor({ path, configuration, save }: Omit<KeyFile, 'exposed'>) {
    this.#file = path;
    this.#save = save;
    this.#keys = new Map([...configuration.keys].map(([name, bytes]) => [name, keyOf(name, bytes)]));
    this.#writers = new Map(
      [...configuration.writers].map(([resource, name]) => [resource, this.#keyNamed(name, resource)]),
    );
  }

  seals(resource: string): boolean {
    return this.#writers.has(resource);
  }

  seal(resource: string, key: string, bytes: Uint8Array): Uint8Array {
    const writer = this.#writers.get(resource);
    if (writer === undefined) return bytes;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(writer.cipher, writer.bytes, nonce).setAAD(placeOf(resource, key));
    return Buffer.concat([writer.head, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  open(resource: string, key: string, value: Uint8Array): Uint8Array {
    const name = sealedWith(value);
    if (name === undefined) return value;
    const { bytes, cipher, head } = this.#keyNamed(name, `${resource} ${key}`);
    const nonce = value.subarray(head.byteLength, head.byteLength + NONCE_BYTES);
    const content = value.subarray(head.byteLength + NONCE_BYTES, value.byteLength - TAG_BYTES);
    const opening = createDecipheriv(cipher, bytes, nonce, { authTagLength: TAG_BYTES })
      .setAAD(placeOf(resource, key))
      .setAuthTag(value.subarray(value.byteLength - TAG_BYTES));
    try {
      return Buffer.concat([opening.update(content), opening.final()]);
    } catch (error) {
      throw new UserError(
        `${resource} ${key} does not open with the key "${name}" of ${this.#file}: the key is another one of the same ` +
          'name, or the data were changed. Put the right key into the file, or restore the data from a backup.',
        { cause: error },
      );
    }
  }

  isCurrent(resource: string, value: Uint8Array): boolean {
    const writer = this.#writers.get(resource);
    if (writer === undefined) return sealedWith(value) === undefined;
    return writer.head.equals(value.subarray(0, writer.head.byteLength));
  }

  save(): Promise<void> {
    return this.#save();
  }

  #keyNamed(name: string, what: string): Key {
    const key = this.#keys.get(name);
    if (key !== undefined) return key;
    throw new UserError(
      `${what} is sealed with the key "${name}", which ${this.#file} does not have. Nothing was changed. ` +
        'Put that key back into the file (kept with a backup?) and start again.',
    );
  }
}

/** The name of the key; undefined for what is not sealed. */
function sealedWith(value: Uint8Array): string | undefined {
  const head = Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, MAX_HEAD_BYTES)).toString(
    'latin1',
  );
  if (!head.startsWith(MARK)) return undefined;
  return head.slice(MARK.length, head.indexOf(':', MARK.length));
}

function placeOf(resource: string, key: string): Buffer {
  return Buffer.from(`${resource}/${key}`);
}

function keyOf(name: string, bytes: Uint8Array): Key {
  const bits = (bytes.byteLength * 8) as 128 | 192 | 256; // the configuration takes no other lengths
  return { bytes, cipher: `aes-${bits}-gcm`, head: Buffer.from(`${MARK}${name}:`) };
}
