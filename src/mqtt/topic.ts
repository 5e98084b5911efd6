/** Topic names and filters: MQTT 3.1.1 section 4.7. Pure. */

/** Whether `filter` selects `topic`. Wildcards at its start select nothing that starts with `$` [MQTT-4.7.2-1]. */
export function topicMatches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const want = filter.split('/');
  const have = topic.split('/');
  for (const [index, level] of want.entries()) {
    if (level === '#') return true;
    if (index >= have.length || (level !== '+' && level !== have[index])) return false;
  }
  return want.length === have.length;
}

export function hasWildcard(filter: string): boolean {
  return /[+#]/.test(filter);
}

export function levelsOf(topic: string): number {
  return topic.split('/').length;
}

/** Wildcards must fill a level, `#` only the last [MQTT-4.7.1-2], [MQTT-4.7.1-3]. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '') return false;
  const levels = filter.split('/');
  return levels.every((level, index) =>
    level === '#' ? index === levels.length - 1 : level === '+' || !hasWildcard(level),
  );
}

interface Level<T> {
  readonly children: Map<string, Level<T>>;
  readonly values: Map<string, T>;
}

/** Values by topic filter, found by topic in the time of its levels. Each value has a key of its own for its filter. */
export class TopicTree<T> {
  readonly #root: Level<T> = { children: new Map(), values: new Map() };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  set(filter: string, key: string, value: T): void {
    let level = this.#root;
    for (const name of filter.split('/')) {
      const next = level.children.get(name) ?? { children: new Map(), values: new Map() };
      level.children.set(name, next);
      level = next;
    }
    if (!level.values.has(key)) this.#size += 1;
    level.values.set(key, value);
  }

  delete(filter: string, key: string): void {
    this.#remove(this.#root, filter.split('/'), 0, key);
  }

  match(topic: string): T[] {
    const found: T[] = [];
    this.#collect(this.#root, topic.split('/'), 0, found);
    return found;
  }

  #remove(level: Level<T>, names: readonly string[], depth: number, key: string): void {
    const name = names[depth];
    if (name === undefined) {
      if (level.values.delete(key)) this.#size -= 1;
      return;
    }
    const child = level.children.get(name);
    if (child === undefined) return;
    this.#remove(child, names, depth + 1, key);
    if (child.values.size === 0 && child.children.size === 0) level.children.delete(name);
  }

  #collect(level: Level<T>, names: readonly string[], depth: number, found: T[]): void {
    const name = names[depth];
    const wild = depth > 0 || !(name?.startsWith('$') ?? false);
    if (wild) found.push(...(level.children.get('#')?.values.values() ?? []));
    if (name === undefined) {
      found.push(...level.values.values());
      return;
    }
    const any = wild ? level.children.get('+') : undefined;
    if (any !== undefined) this.#collect(any, names, depth + 1, found);
    const exact = name === '+' || name === '#' ? undefined : level.children.get(name);
    if (exact !== undefined) this.#collect(exact, names, depth + 1, found);
  }
}
