/** Where the clients are that `scripts/fetch-tools.sh` and `scripts/build-*.sh` have made, oldest kubectl first. */
export const KUBECTL_VERSIONS = ['1.20', '1.24', '1.28', '1.32', '1.35'] as const;

export type KubectlVersion = (typeof KUBECTL_VERSIONS)[number];

export const HELM = '.tools/helm-4';

/** The program of `test/e2e/clients/go`, on the real client-go. */
export const GO_CLIENT = '.tools/go-client';

/** The program of `test/e2e/clients/dmi-mapper`, on the real grpc-go. */
export const DMI_MAPPER = '.tools/dmi-mapper';

export function kubectlPath(version: KubectlVersion = '1.35'): string {
  return `.tools/kubectl-${version}`;
}
