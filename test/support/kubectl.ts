/** Where the machine's kubectl is: one of the versions that some distributions put beside each other, or the one in PATH. */
import { existsSync } from 'node:fs';

export function kubectlPath(version?: string): string {
  const beside = `/usr/lib/google-cloud-sdk/bin/kubectl.${version}`;
  return version !== undefined && existsSync(beside) ? beside : 'kubectl';
}
