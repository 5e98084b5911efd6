/** Names of chains: `ES-<site>-…`, so that sites on one machine do not meet. The kernel takes 28 characters. Pure. */
import { createHash } from 'node:crypto';

const HASH_CHARACTERS = 12;

export class ChainNames {
  /** Of all chains of the site. */
  readonly prefix: string;

  /** `siteId`: eight characters. */
  constructor(siteId: string) {
    this.prefix = `ES-${siteId}-`;
  }

  named(word: string): string {
    return `${this.prefix}${word}`;
  }

  /** A chain for something that has a key of any length. */
  hashed(letter: 'S' | 'L' | 'X' | 'E', ...key: readonly (string | number)[]): string {
    const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex');
    return `${this.prefix}${letter}-${hash.slice(0, HASH_CHARACTERS)}`;
  }
}
