/** How much data a schema admits: apiserver `pkg/cel/common/schemas.go` and `pkg/cel/limits.go`. */
import type { Schema } from '../../../api/schema.ts';
import type { Shape } from '../schema-shape.ts';
import { NOTHING, type Size } from './sizes.ts';

/** No request is longer. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
/** Brackets, braces or quotes. */
const ENCLOSING_BYTES = 2;
/** Of a code point. */
const MAX_CHARACTER_BYTES = 4;
const MIN_BYTES = { boolean: 4, number: 1, text: 2, dynamic: 1 };

interface Range {
  readonly minBytes: number;
  readonly maxLength: number;
}

/** Of texts whose format says how long they are. */
const FORMATS: Readonly<Record<string, Range>> = {
  duration: { minBytes: 3, maxLength: 32 },
  date: { minBytes: 12, maxLength: 12 },
  'date-time': { minBytes: 21, maxLength: 32 },
};

/** Of a variable, and then names of fields, `@items`, `@values` or `@keys`. */
export type Path = readonly string[];

/** What is known of the data behind rules that stand at a shape. */
export class Bounds {
  readonly #root: Shape;

  constructor(root: Shape) {
    this.#root = root;
  }

  /** The length of what is at the path; undefined where the path leads nowhere. */
  sizeAt([, ...steps]: Path): Size | undefined {
    let at: Shape | 'key' | undefined = this.#root;
    for (const step of steps) {
      if (at === undefined || at === 'key') return undefined;
      at = below(at, step);
    }
    if (at === undefined) return undefined;
    // Upstream gives keys no length.
    return at === 'key' ? NOTHING : { min: 0, max: maxLength(at) };
  }

  /** How often data of the shape can be in one request. */
  maxCardinality(): number {
    return Math.floor(MAX_REQUEST_BYTES / (minBytes(this.#root) + 1));
  }
}

function below({ element, fields, schema }: Shape, step: string): Shape | 'key' | undefined {
  if (step === '@items' || step === '@values') return element;
  if (step === '@keys') return schema.type === 'object' && element !== undefined ? 'key' : undefined;
  return fields?.get(step)?.shape;
}

function maxLength({ schema, element }: Shape): number {
  if (schema['x-kubernetes-int-or-string'] === true) return textLength(schema);
  if (schema.type === 'string') {
    const known = FORMATS[schema.format ?? ''];
    return known === undefined ? textLength(schema) : known.maxLength;
  }
  if (element === undefined) return 0;
  const most = schema.type === 'array' ? schema.maxItems : schema.maxProperties;
  if (most !== undefined) return Math.max(0, most);
  // Beside the value: a comma, of maps also a key of two bytes with its quotes and the colon.
  const beside = schema.type === 'array' ? 1 : 6;
  return Math.floor((MAX_REQUEST_BYTES - ENCLOSING_BYTES) / (minBytes(element) + beside));
}

function textLength({ maxLength: most, format, enum: values }: Schema): number {
  if (most !== undefined) return Math.max(0, most) * (format === 'byte' ? 1 : MAX_CHARACTER_BYTES);
  const texts = (values ?? []).filter((value) => typeof value === 'string');
  if ((values ?? []).length > 0 && format !== 'byte')
    return Math.max(0, ...texts.map((text) => Buffer.byteLength(text)));
  return MAX_REQUEST_BYTES - ENCLOSING_BYTES;
}

/** Of the shortest JSON. */
function minBytes({ schema, element, fields }: Shape): number {
  if (schema['x-kubernetes-int-or-string'] === true) return MIN_BYTES.dynamic;
  switch (schema.type) {
    case 'boolean':
      return MIN_BYTES.boolean;
    case 'number':
    case 'integer':
      return MIN_BYTES.number;
    case 'string':
      return FORMATS[schema.format ?? '']?.minBytes ?? MIN_BYTES.text;
    default:
      return element === undefined ? objectBytes(fields) : ENCLOSING_BYTES;
  }
}

/** Required fields are written, unless the server fills them in. Each has quotes, a colon and a comma. */
function objectBytes(fields: Shape['fields']): number {
  const required = [...(fields?.values() ?? [])].filter((field) => field.required);
  return required
    .filter(({ shape }) => shape.schema.default === undefined)
    .reduce((sum, { name, shape }) => sum + Buffer.byteLength(name) + minBytes(shape) + 4, ENCLOSING_BYTES);
}
