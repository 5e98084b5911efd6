import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { messageOf, UserError } from '../base/errors.ts';
import type { ServerConnection } from './http-transport.ts';

/**
 * A kubeconfig as `kubectl config view` shows it, read here rather than by `@kubernetes/client-node`: its leaf module
 * `config.js` alone loads every model (87 MB, half a second), for the sake of login plugins that a site does not use.
 */
interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  readonly clusters?: readonly { name: string; cluster: Cluster }[];
  readonly users?: readonly { name: string; user: User }[];
}

interface Cluster {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
}

interface User {
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: unknown;
  readonly 'auth-provider'?: unknown;
}

/** The connection that the current context of the file means. Rejects with a UserError that names the file and the fault. */
export function loadKubeconfig(file: string): ServerConnection {
  return connectionOf(readKubeconfig(file), file);
}

function readKubeconfig(file: string): Kubeconfig {
  try {
    return (parse(readFileSync(file, 'utf8')) ?? {}) as Kubeconfig;
  } catch (error) {
    throw new UserError(`kubeconfig ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function connectionOf(config: Kubeconfig, file: string): ServerConnection {
  const contextName = config['current-context'] ?? '';
  const context = config.contexts?.find(({ name }) => name === contextName)?.context;
  if (context === undefined) throw new UserError(`kubeconfig ${file}: current-context "${contextName}" is not there`);
  const cluster = config.clusters?.find(({ name }) => name === context.cluster)?.cluster;
  if (cluster?.server === undefined) {
    throw new UserError(`kubeconfig ${file}: cluster "${context.cluster}" is not there or has no server`);
  }
  const user = config.users?.find(({ name }) => name === context.user)?.user ?? {};
  if (user.exec !== undefined || user['auth-provider'] !== undefined) {
    throw new UserError(
      `kubeconfig ${file}: user "${context.user}" logs in by a plugin, which a site cannot do: ` +
        'give it a client certificate or a token',
    );
  }
  return { server: cluster.server, ...trustOf(cluster, file), ...identityOf(user, file) };
}

function trustOf(cluster: Cluster, file: string): Partial<ServerConnection> {
  return present({
    ca: pem(cluster['certificate-authority-data'], cluster['certificate-authority'], file),
    serverName: cluster['tls-server-name'],
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'],
  });
}

function identityOf(user: User, file: string): Partial<ServerConnection> {
  return present({
    certificate: pem(user['client-certificate-data'], user['client-certificate'], file),
    key: pem(user['client-key-data'], user['client-key'], file),
    token: user.token,
    tokenFile: user.tokenFile === undefined ? undefined : resolve(dirname(file), user.tokenFile),
    username: user.username,
    password: user.password,
  });
}

/** PEM from base64 data or, failing that, from a file named relative to the kubeconfig. */
function pem(data: string | undefined, path: string | undefined, file: string): string | undefined {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  if (path === undefined || path === '') return undefined;
  const absolute = resolve(dirname(file), path);
  try {
    return readFileSync(absolute, 'utf8');
  } catch (error) {
    throw new UserError(`kubeconfig ${file}: cannot read ${absolute}: ${messageOf(error)}`, { cause: error });
  }
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
