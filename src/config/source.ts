/** Where each value of the configuration came from, so that an error can name file, line and key. */
import { LineCounter, isMap, parseDocument, type Document } from 'yaml';
import { UserError } from '../base/errors.ts';

export type Path = readonly (string | number)[];

/** One layer: a YAML file, the environment or the flags. Later layers win. */
export interface Layer {
  readonly value: unknown;
  /** How to name the place of a key to the user: `conf/edgeSite.yaml:12`. */
  locate(path: Path): string;
  /** Whether this layer sets the key (or something below it). */
  has(path: Path): boolean;
}

export function yamlLayer(file: string, text: string): Layer {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const [summary] = problem.message.split(' at line ');
    throw new UserError(`${file}:${line}:${col}: this is not YAML: ${summary}`);
  }
  return {
    value: document.toJS() ?? {},
    locate: (path) => `${file}:${lineOf(document, lines, path)}`,
    has: (path) => document.hasIn(path),
  };
}

/** Keys set one by one, each with its own name for the user. */
export function overrideLayer(entries: readonly { path: readonly string[]; text: string; name: string }[]): Layer {
  const value: Record<string, unknown> = {};
  for (const entry of entries) setIn(value, entry.path, parseScalar(entry.text, entry.name));
  const owner = (path: Path): string | undefined =>
    entries.findLast((entry) => entry.path.every((segment, index) => index >= path.length || segment === path[index]))
      ?.name;
  return { value, locate: (path) => owner(path) ?? 'flags', has: (path) => owner(path) !== undefined };
}

export function setIn(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let level = target;
  for (const segment of path.slice(0, -1)) {
    const next = level[segment];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) level[segment] = {};
    level = level[segment] as Record<string, unknown>;
  }
  level[path.at(-1) ?? ''] = value;
}

/** Later layers win, key by key; lists are replaced whole. */
export function mergeLayers(values: readonly unknown[]): unknown {
  return values.reduce((left, right) => merge(left, right), {});
}

function merge(left: unknown, right: unknown): unknown {
  if (right === undefined || right === null) return left;
  if (!isRecord(left) || !isRecord(right)) return right;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(left[key], right[key])]));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseScalar(text: string, name: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new UserError(`${name}: the value ${JSON.stringify(text)} is not YAML`);
  return document.toJS() ?? '';
}

/** The line of the key itself; of its nearest parent where the key is absent. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const segment of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => String(item.key) === String(segment));
    const range = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
    if (pair === undefined || range === undefined) break;
    offset = range[0];
    node = pair.value;
  }
  return lines.linePos(offset).line;
}
