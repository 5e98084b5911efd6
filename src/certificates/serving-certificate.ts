import type { Component } from '../base/component.ts';

/** PEM texts. */
export interface ServingPair {
  readonly cert: string;
  readonly key: string;
}

/** Where the certificate comes from that a server of the node shows. */
export interface ServingCertificate extends Component {
  /** Tells of the pair in use: at once where there is one, and whenever it changes, until the returned function is called. */
  follow(listener: (pair: ServingPair) => void): () => void;
}

/** The pair in use, and who wants to know of it. */
export class CurrentPair {
  readonly #listeners = new Set<(pair: ServingPair) => void>();
  #pair: ServingPair | undefined;

  get pair(): ServingPair | undefined {
    return this.#pair;
  }

  set(pair: ServingPair): void {
    if (pair.cert === this.#pair?.cert && pair.key === this.#pair.key) return;
    this.#pair = pair;
    for (const listener of this.#listeners) listener(pair);
  }

  follow(listener: (pair: ServingPair) => void): () => void {
    this.#listeners.add(listener);
    if (this.#pair !== undefined) listener(this.#pair);
    return () => this.#listeners.delete(listener);
  }
}
