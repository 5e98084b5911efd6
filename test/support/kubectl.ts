/** Where the clients are that `scripts/fetch-tools.sh` has fetched, oldest kubectl first. */
export const KUBECTL_VERSIONS = ['1.20', '1.24', '1.28', '1.32', '1.35'] as const;

export type KubectlVersion = (typeof KUBECTL_VERSIONS)[number];

export const HELM = '.tools/helm-4';

export function kubectlPath(version: KubectlVersion = '1.35'): string {
  return `.tools/kubectl-${version}`;
}
