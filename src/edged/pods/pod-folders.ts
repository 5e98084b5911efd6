/** Where a pod's files are in the data directory. Pure. */
import { join } from 'node:path';

export class PodFolders {
  readonly #root: string;
  /** Where local seccomp profiles are looked for. */
  readonly seccomp: string;

  constructor(dataDir: string) {
    this.#root = join(dataDir, 'pods');
    this.seccomp = join(dataDir, 'seccomp');
  }

  get root(): string {
    return this.#root;
  }

  pod(uid: string): string {
    return join(this.#root, uid);
  }

  volume(uid: string, name: string): string {
    return join(this.#root, uid, 'volumes', name);
  }

  etcHosts(uid: string): string {
    return join(this.#root, uid, 'etc-hosts');
  }

  resolvConf(uid: string): string {
    return join(this.#root, uid, 'resolv.conf');
  }

  /** The file that a container leaves its last words in. */
  terminationMessage(uid: string, container: string, attempt: number): string {
    return join(this.#root, uid, 'containers', container, String(attempt));
  }
}
