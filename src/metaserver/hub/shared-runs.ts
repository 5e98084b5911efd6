/** Runs a piece of work for many at once: each who asks gets a run that began after asking. `body` must not reject. */
export class SharedRuns {
  readonly #body: () => Promise<void>;
  #underWay: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(body: () => Promise<void>) {
    this.#body = body;
  }

  ask(): Promise<void> {
    if (this.#underWay === undefined) return this.#begin();
    this.#next ??= this.#underWay.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#underWay = this.#body().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }
}
