import type { Publication } from './publication.ts';

interface Level {
  children: Map<string, Level> | undefined;
  message: Publication | undefined;
}

/** Retained messages by topic, found by filter. */
export class RetainedMessages {
  readonly #root: Level = { children: undefined, message: undefined };
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(topic: string): Publication | undefined {
    let level: Level | undefined = this.#root;
    for (const name of topic.split('/')) level = level?.children?.get(name);
    return level?.message;
  }

  set(message: Publication): void {
    let level = this.#root;
    for (const name of message.topic.split('/')) {
      level.children ??= new Map();
      let next = level.children.get(name);
      if (next === undefined) {
        next = { children: undefined, message: undefined };
        level.children.set(name, next);
      }
      level = next;
    }
    this.#account(level.message, -1);
    level.message = message;
    this.#account(message, 1);
  }

  delete(topic: string): void {
    this.#remove(this.#root, topic.split('/'), 0);
  }

  /** Wildcards at the start of the filter select nothing that starts with `$` [MQTT-4.7.2-1]. */
  match(filter: string): Publication[] {
    const found: Publication[] = [];
    collect(this.#root, filter.split('/'), 0, found);
    return found;
  }

  #remove(level: Level, names: readonly string[], depth: number): void {
    const name = names[depth];
    if (name === undefined) {
      this.#account(level.message, -1);
      level.message = undefined;
      return;
    }
    const child = level.children?.get(name);
    if (child === undefined) return;
    this.#remove(child, names, depth + 1);
    if (child.message !== undefined || child.children !== undefined) return;
    level.children?.delete(name);
    if (level.children?.size === 0) level.children = undefined;
  }

  #account(message: Publication | undefined, sign: 1 | -1): void {
    if (message === undefined) return;
    this.#count += sign;
    this.#bytes += sign * message.bytes;
  }
}

function collect(level: Level, names: readonly string[], depth: number, found: Publication[]): void {
  const name = names[depth];
  if (name === undefined) {
    if (level.message !== undefined) found.push(level.message);
    return;
  }
  if (name === '#') return collectAll(level, depth === 0, found);
  if (name !== '+') {
    const child = level.children?.get(name);
    if (child !== undefined) collect(child, names, depth + 1, found);
    return;
  }
  for (const [childName, child] of level.children ?? []) {
    if (depth > 0 || !childName.startsWith('$')) collect(child, names, depth + 1, found);
  }
}

/** `a/#` selects `a` too. */
function collectAll(level: Level, isRoot: boolean, found: Publication[]): void {
  if (level.message !== undefined) found.push(level.message);
  for (const [name, child] of level.children ?? []) {
    if (!isRoot || !name.startsWith('$')) collectAll(child, false, found);
  }
}
