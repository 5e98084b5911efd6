import { isIPv6 } from 'node:net';
import { HttpTransport } from '../../client/index.ts';
import type { KeyPair } from '../../pki/index.ts';
import type { DialBackend } from './node-proxy.ts';

/** PEM texts: the authority that signs kubelets' certificates, and what the API server shows to them. */
export interface KubeletCredentials {
  readonly authorityPem: string;
  /** Read at each connection: it may be renewed. */
  readonly client: KeyPair;
}

/** Pods and services are taken as they are, as upstream does: what they show in TLS is their own affair. */
export function backendDialer({ authorityPem, client }: KubeletCredentials, userAgent: string): DialBackend {
  return ({ scheme, host, port, node }) => {
    const server = `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const connection =
      node === undefined
        ? { server, insecureSkipTlsVerify: true }
        : { server, ca: authorityPem, certificate: client.certPem, key: client.keyPem, serverName: node };
    return new HttpTransport({ connection, userAgent });
  };
}
