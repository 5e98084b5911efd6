import { isIPv6 } from 'node:net';
import { HttpTransport } from '../../client/index.ts';
import type { DialBackend } from './node-proxy.ts';

/** PEM texts: the authority that signs kubelets' certificates, and what the API server shows to them. */
export interface KubeletCredentials {
  readonly authorityPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** Kubelets are verified and shown the client certificate; pods and services are taken as they are, as upstream does. */
export function backendDialer(kubelet: KubeletCredentials): DialBackend {
  return ({ scheme, host, port, kubelet: isKubelet }) => {
    const server = `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const connection = isKubelet
      ? { server, ca: kubelet.authorityPem, certificate: kubelet.certPem, key: kubelet.keyPem }
      : { server, insecureSkipTlsVerify: true };
    return new HttpTransport({ connection, userAgent: 'kube-apiserver' });
  };
}
