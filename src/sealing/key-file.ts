/** The file with the keys of what is sealed: made at the first start, private, never overwritten. */
import { stat } from 'node:fs/promises';
import { stringify } from 'yaml';
import { PRIVATE_MODE, readTextIfThere, writeFileAtomic } from '../base/files.ts';
import {
  CONFIGURATION_API_VERSION,
  CONFIGURATION_KIND,
  type EncryptionConfiguration,
  parseEncryptionConfiguration,
} from './configuration.ts';

const KEY_BYTES = 32;
const OTHERS_MAY_READ = 0o077;

export interface KeyFile {
  readonly path: string;
  readonly configuration: EncryptionConfiguration;
  /** Whether others than the owner may read it. */
  readonly exposed: boolean;
  /** Writes a new file to the disk, once; nothing where it was there. Before anything is sealed with its key. */
  save(): Promise<void>;
}

/** Reads the file, or prepares one with a new key for secrets. Throws UserError for what is wrong in it. */
export async function loadKeyFile(path: string, newKey: (bytes: number) => Uint8Array): Promise<KeyFile> {
  const text = await readTextIfThere(path);
  if (text !== undefined) {
    const exposed = ((await stat(path)).mode & OTHERS_MAY_READ) !== 0;
    return { path, configuration: parseEncryptionConfiguration(path, text), exposed, save: () => Promise.resolve() };
  }
  const made = newConfiguration(newKey);
  let saving: Promise<void> | undefined;
  return {
    path,
    configuration: parseEncryptionConfiguration(path, made),
    exposed: false,
    save: () => (saving ??= writeFileAtomic(path, made, PRIVATE_MODE)),
  };
}

/** The name has a part of its own, so that a lost file is not taken for another. */
function newConfiguration(newKey: (bytes: number) => Uint8Array): string {
  const name = `key-${Buffer.from(newKey(4)).toString('hex')}`;
  const secret = Buffer.from(newKey(KEY_BYTES)).toString('base64');
  const providers = [{ aesgcm: { keys: [{ name, secret }] } }, { identity: {} }];
  return (
    '# The keys of what is sealed in the databases: the first one writes, all of them read. Keep a copy apart from the data.\n' +
    '# To rotate, put a new key first and start the site; then the old one may go.\n' +
    stringify({
      apiVersion: CONFIGURATION_API_VERSION,
      kind: CONFIGURATION_KIND,
      resources: [{ resources: ['secrets'], providers }],
    })
  );
}
