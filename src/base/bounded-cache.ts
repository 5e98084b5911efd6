/**
 * The most used of what has been asked for, up to a weight. Two generations: what is used again moves to the young one; when
 * that is full it becomes the old one, and what nobody asked for in the meantime is gone. Cheaper than an order of uses.
 */
export class BoundedCache<K, V> {
  readonly #maxWeight: number;
  readonly #weigh: (value: V) => number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #weight = 0;

  /** `maxWeight` holds for both generations together; what weighs more than a quarter of it is not kept. */
  constructor(maxWeight: number, weigh: (value: V) => number) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get(key: K): V | undefined {
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.delete(key);
    const weight = this.#weigh(value);
    if (weight > this.#maxWeight / 4) return;
    if (this.#weight + weight > this.#maxWeight / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#young.set(key, value);
    this.#weight += weight;
  }

  delete(key: K): void {
    const known = this.#young.get(key);
    if (known !== undefined) {
      this.#young.delete(key);
      this.#weight -= this.#weigh(known);
    }
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#weight = 0;
  }
}
