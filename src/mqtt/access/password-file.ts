/** Users and their hashed passwords, in the format of mosquitto's password files, so that `mosquitto_passwd` makes them. */
import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { UserError } from '../../base/errors.ts';

const derive = promisify(pbkdf2);
/** As in mosquitto: `$7$` is PBKDF2 with SHA-512, `$6$` one round of SHA-512 over password and salt. */
const PBKDF2 = '7';
const SHA512 = '6';
const HASH_BYTES = 64;
/** A file must not be able to keep the machine busy. */
const MAX_ITERATIONS = 1_000_000;
const MAX_USERS = 10_000;

export interface HashedPassword {
  readonly scheme: typeof PBKDF2 | typeof SHA512;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const NOBODY: HashedPassword = {
  scheme: PBKDF2,
  iterations: 101,
  salt: Buffer.alloc(12),
  hash: Buffer.alloc(HASH_BYTES),
};

/**
 * `user:$7$101$<salt>$<hash>` on each line; empty lines and those that begin with # are passed over.
 * @param where - names the text in errors: a path, or a Secret
 */
export function parsePasswords(text: string, where: string): ReadonlyMap<string, HashedPassword> {
  const users = new Map<string, HashedPassword>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const password = colon > 0 ? parseHash(line.slice(colon + 1)) : undefined;
    if (password === undefined) {
      throw new UserError(
        `${where}:${index + 1}: expected USER:HASH as mosquitto_passwd writes it (mosquitto_passwd -c FILE USER).`,
      );
    }
    users.set(line.slice(0, colon), password);
    if (users.size > MAX_USERS) throw new UserError(`${where}: more than ${MAX_USERS} users.`);
  }
  return users;
}

function parseHash(text: string): HashedPassword | undefined {
  const [empty, scheme, ...rest] = text.split('$');
  if (empty !== '') return undefined;
  const [iterations, salt = '', hash = ''] = scheme === PBKDF2 ? rest : ['1', ...rest];
  const password = { iterations: Number(iterations), salt: bytes(salt), hash: bytes(hash) };
  if (scheme !== PBKDF2 && scheme !== SHA512) return undefined;
  if (!Number.isInteger(password.iterations) || password.iterations < 1 || password.iterations > MAX_ITERATIONS) {
    return undefined;
  }
  return password.salt.byteLength > 0 && password.hash.byteLength === HASH_BYTES ? { scheme, ...password } : undefined;
}

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/**
 * Takes as long for nobody (undefined) as for somebody.
 * @param somebody - what is looked at instead, where there is anybody
 */
export async function isPassword(
  given: Buffer,
  password: HashedPassword | undefined,
  somebody: HashedPassword | undefined = NOBODY,
): Promise<boolean> {
  const { scheme, iterations, salt, hash } = password ?? somebody;
  const made =
    scheme === PBKDF2
      ? await derive(given, salt, iterations, HASH_BYTES, 'sha512')
      : createHash('sha512').update(given).update(salt).digest();
  return timingSafeEqual(made, hash) && password !== undefined;
}
