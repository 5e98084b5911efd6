/** Credentials for registries from secrets of type dockerconfigjson and dockercfg. Pure. */
import type { Secret } from '../../api/kinds.ts';
import type { RegistryAuth } from '../runtime.ts';
import type { ImageReference } from './image-reference.ts';

interface Entry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/** What may open the image's registry, the most exact first. A secret that cannot be read gives nothing. */
export function credentialsFor(image: ImageReference, secrets: readonly Secret[]): RegistryAuth[] {
  const found = secrets.flatMap((secret) => Object.entries(entriesOf(secret)));
  return found
    .map(([key, entry]) => ({ pattern: patternOf(key), entry, key }))
    .filter(({ pattern }) => matches(pattern, image.repository))
    .sort((one, other) => other.pattern.length - one.pattern.length)
    .map(({ entry, key }) => authOf(entry, key));
}

function entriesOf(secret: Secret): Record<string, Entry> {
  const config = secret.data?.['.dockerconfigjson'];
  const old = secret.data?.['.dockercfg'];
  const json = parse(config ?? old);
  if (!isObject(json)) return {};
  const entries = config === undefined ? json : json['auths'];
  return isObject(entries) ? (entries as Record<string, Entry>) : {};
}

function parse(base64: string | undefined): unknown {
  if (base64 === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    return undefined; // somebody else's mistake: the pull will say that it was refused
  }
}

/** `https://index.docker.io/v1/` → `docker.io` */
function patternOf(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/(v1|v2)?\/?$/, '');
  return bare.replace(/^index\.docker\.io/, 'docker.io');
}

function matches(pattern: string, repository: string): boolean {
  const parts = pattern.split('/');
  const [host = '', ...path] = parts;
  const [registry = '', ...repositoryPath] = repository.split('/');
  const glob = new RegExp(`^${host.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*')}$`);
  return glob.test(registry) && path.every((segment, n) => segment === repositoryPath[n]);
}

function authOf(entry: Entry, serverAddress: string): RegistryAuth {
  const [username, password] = entry.auth === undefined ? [entry.username, entry.password] : split(entry.auth);
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(entry.identitytoken === undefined ? {} : { identityToken: entry.identitytoken }),
    ...(entry.registrytoken === undefined ? {} : { registryToken: entry.registrytoken }),
    serverAddress,
  };
}

function split(auth: string): [string, string] {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
