import { type KubeObject, objectKey } from '../api/object.ts';

/** Which values an object is found under; several, one or none. */
export type IndexFunction<T> = (object: T) => readonly string[];

interface Index<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly keys: Map<string, Set<string>>;
}

/** Read access to a set of objects by key, by namespace and by any further index. Objects are shared: never change one. */
export interface ObjectLookup<T extends KubeObject = KubeObject> {
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
  inNamespace(namespace: string): T[];
  /** The objects for which the index gave `value`. */
  by(index: IndexName, value: string): T[];
}

/** Names an index and says how it is made. Equal objects are the same index, wherever they are used. */
export interface IndexDefinition<T extends KubeObject> {
  readonly name: string;
  readonly valuesOf: IndexFunction<T>;
}

type IndexName = { readonly name: string };

const NAMESPACE: IndexDefinition<KubeObject> = {
  name: 'namespace',
  valuesOf: (object) => [object.metadata?.namespace ?? ''],
};

export class ObjectIndex<T extends KubeObject> implements ObjectLookup<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  constructor() {
    this.addIndex(NAMESPACE);
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  inNamespace(namespace: string): T[] {
    return this.by(NAMESPACE, namespace);
  }

  by(index: IndexName, value: string): T[] {
    const keys = this.#indexes.get(index.name)?.keys.get(value) ?? [];
    const found: T[] = [];
    for (const key of keys) {
      const object = this.#objects.get(key);
      if (object !== undefined) found.push(object);
    }
    return found;
  }

  /** A second definition under the same name changes nothing. */
  addIndex(definition: IndexDefinition<T>): void {
    if (this.#indexes.has(definition.name)) return;
    const index: Index<T> = { valuesOf: definition.valuesOf, keys: new Map() };
    this.#indexes.set(definition.name, index);
    for (const [key, object] of this.#objects) include(index, key, object);
  }

  /** Returns what stood there before. */
  set(object: T): T | undefined {
    const key = objectKey(object);
    const before = this.delete(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) include(index, key, object);
    return before;
  }

  delete(key: string): T | undefined {
    const before = this.#objects.get(key);
    if (before === undefined) return undefined;
    for (const index of this.#indexes.values()) exclude(index, key, before);
    this.#objects.delete(key);
    return before;
  }
}

function include<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const keys = index.keys.get(value);
    if (keys === undefined) index.keys.set(value, new Set([key]));
    else keys.add(key);
  }
}

function exclude<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) {
    const keys = index.keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(value);
  }
}
