/** `/statusz` and `/flagz`: what runs here, for people. Programs read `/version` and the metrics. */
import { KUBERNETES_VERSION } from './version.ts';

const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for ' +
  'debugging purposes only.';
const MS_PER_SECOND = 1000;

export interface DebugSources {
  readonly buildVersion: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly now: () => number;
  /** Settings under the names of kube-apiserver's flags. */
  readonly flags: Readonly<Record<string, string>>;
}

export class DebugPages {
  readonly #sources: DebugSources;

  constructor(sources: DebugSources) {
    this.#sources = sources;
  }

  text(path: '/flagz' | '/statusz'): string {
    return path === '/statusz' ? page('statusz', this.#status()) : page('flagz', this.#sources.flags);
  }

  paths(): string[] {
    return ['/flagz', '/statusz'];
  }

  #status(): Record<string, string> {
    const { buildVersion, startedAt, now } = this.#sources;
    return {
      Started: new Date(startedAt).toUTCString(),
      Up: `${Math.floor((now() - startedAt) / MS_PER_SECOND)} s`,
      'Binary version': `edgesite ${buildVersion}`,
      'Emulation version': KUBERNETES_VERSION,
    };
  }
}

function page(name: string, entries: Readonly<Record<string, string>>): string {
  const lines = Object.entries(entries).map(([key, value]) => `${key}: ${value}\n`);
  return `\nkube-apiserver ${name}\n${WARNING}\n\n${lines.join('')}`;
}
