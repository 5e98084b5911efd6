/**
 * All shapes the server knows: the generated ones of the built-in kinds and, at run time, those of custom resources.
 * The built-in ones stay one string; a definition is parsed when it is first asked for, which is never for most.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError } from '../../base/errors.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import { kindKey, References, type Schema, type SchemaSet } from '../../api/schema.ts';

export interface CatalogEntry {
  readonly kind: GroupVersionKind;
  /** The name of the definition: `io.k8s.api.apps.v1.Deployment`. */
  readonly name: string;
  /** Of a CustomResourceDefinition, not built in. */
  readonly custom: boolean;
}

/** Where a definition stands in the generated text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const KINDS_KEY = '"x-kubernetes-group-version-kind":';

export class SchemaCatalog implements SchemaSet {
  readonly #text: string;
  readonly #spans = new Map<string, Span>();
  readonly #parsed = new Map<string, Schema>();
  readonly #kinds = new Map<string, CatalogEntry>();
  readonly #references = new References((name) => this.definition(name));

  /** `text` is that of `generated/schemas.txt`: lines of `NAME<TAB>JSON`. */
  constructor(text: string) {
    this.#text = text;
    for (let start = 0; start < text.length; ) {
      const tab = text.indexOf('\t', start);
      const end = text.indexOf('\n', tab);
      if (tab < 0 || end < 0) throw new InvariantError('generated/schemas.txt is cut off; run npm run generate');
      this.#index(text.slice(start, tab), { start: tab + 1, end });
      start = end + 1;
    }
  }

  definition(name: string): Schema | undefined {
    const known = this.#parsed.get(name);
    if (known !== undefined) return known;
    const span = this.#spans.get(name);
    if (span === undefined) return undefined;
    const schema = JSON.parse(this.#text.slice(span.start, span.end)) as Schema;
    this.#parsed.set(name, schema);
    return schema;
  }

  forKind(kind: GroupVersionKind): Schema | undefined {
    const entry = this.#kinds.get(kindKey(kind));
    return entry === undefined ? undefined : this.definition(entry.name);
  }

  entry(kind: GroupVersionKind): CatalogEntry | undefined {
    return this.#kinds.get(kindKey(kind));
  }

  /** Every kind, built in or custom. DeleteOptions and WatchEvent stand once for each group and version. */
  entries(): IterableIterator<CatalogEntry> {
    return this.#kinds.values();
  }

  /** The names of the built-in definitions, sorted. */
  builtInNames(): string[] {
    return [...this.#spans.keys()];
  }

  resolve(schema: Schema): Schema {
    return this.#references.resolve(schema);
  }

  /** Adds or replaces the schema of a custom kind. */
  putCustom(kind: GroupVersionKind, name: string, schema: Schema): void {
    if (this.#spans.has(name)) throw new InvariantError(`${name} is built in`);
    this.#parsed.set(name, schema);
    this.#kinds.set(kindKey(kind), { kind, name, custom: true });
  }

  removeCustom(kind: GroupVersionKind): void {
    const entry = this.#kinds.get(kindKey(kind));
    if (entry === undefined || !entry.custom) return;
    this.#kinds.delete(kindKey(kind));
    this.#parsed.delete(entry.name);
  }

  #index(name: string, span: Span): void {
    this.#spans.set(name, span);
    const at = this.#text.indexOf(KINDS_KEY, span.start);
    if (at < 0 || at > span.end) return;
    const list = this.#text.slice(at + KINDS_KEY.length, this.#text.indexOf(']', at) + 1);
    for (const kind of JSON.parse(list) as GroupVersionKind[]) {
      this.#kinds.set(kindKey(kind), { kind, name, custom: false });
    }
  }
}

/** The catalog of the built-in kinds from the folder that `npm run generate` fills. */
export function loadSchemas(generatedFolder: string): SchemaCatalog {
  return new SchemaCatalog(readFileSync(join(generatedFolder, 'schemas.txt'), 'latin1'));
}
