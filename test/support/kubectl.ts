/** Where the kubectl versions are that `scripts/fetch-tools.sh` has fetched: the newest and the oldest that we speak with. */
export type KubectlVersion = '1.20' | '1.35';

export function kubectlPath(version: KubectlVersion = '1.35'): string {
  return `.tools/kubectl-${version}`;
}
