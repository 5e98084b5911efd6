interface Place {
  ready: boolean;
  readonly proceed: (error: unknown) => void;
  error: unknown;
}

/** Waits for many things at once and goes on in the order in which they came. */
export class OrderedLine {
  readonly #places: Place[] = [];

  get length(): number {
    return this.#places.length;
  }

  /** `proceed` gets what the promise was rejected with. */
  add(awaited: Promise<void> | undefined, proceed: (error: unknown) => void): void {
    const place: Place = { ready: awaited === undefined, proceed, error: undefined };
    this.#places.push(place);
    awaited?.then(
      () => this.#arrive(place, undefined),
      (error: unknown) => this.#arrive(place, error ?? new Error('rejected without a reason')),
    );
    if (awaited === undefined) this.#advance();
  }

  #arrive(place: Place, error: unknown): void {
    place.ready = true;
    place.error = error;
    this.#advance();
  }

  #advance(): void {
    while (this.#places[0]?.ready === true) {
      const place = this.#places.shift();
      place?.proceed(place.error);
    }
  }
}
