import { stringify } from 'yaml';

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  readonly authorityPem: string;
  readonly userName: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** A kubeconfig with everything in it, so that it can be carried to another machine. */
export function renderKubeconfig(options: KubeconfigOptions): string {
  const context = `${options.userName}@edgesite`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'edgesite',
        cluster: { server: options.server, 'certificate-authority-data': base64(options.authorityPem) },
      },
    ],
    users: [
      {
        name: options.userName,
        user: {
          'client-certificate-data': base64(options.certPem),
          'client-key-data': base64(options.keyPem),
        },
      },
    ],
    contexts: [{ name: context, context: { cluster: 'edgesite', user: options.userName } }],
    'current-context': context,
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
