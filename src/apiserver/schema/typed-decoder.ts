/**
 * Reads JSON into the shape of a built-in kind as Go's decoder reads it into a struct: unknown members and nulls fall
 * away, values are checked against their types, and what strict decoding would refuse is collected.
 */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import { ANYTHING, referenceName, type Schema, type SchemaSet } from '../../api/schema.ts';
import {
  goKind,
  MismatchError,
  readBytes,
  readInteger,
  readIntOrString,
  readMicroTime,
  readQuantity,
  readTime,
  ValueError,
} from './go-values.ts';
import type { RepeatedKeys } from './go-json.ts';
import { isZero, zerosOf } from './go-zeros.ts';

/** The body does not fit its kind: `json: cannot unmarshal string into Go struct field …`. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

export interface TypedResult {
  /** The value given, changed in place. */
  readonly value: JsonObject;
  /** `unknown field "spec.nope"`, `duplicate field "spec.replicas"`, in the order of the text. */
  readonly strictErrors: readonly string[];
}

/** As many as upstream's decoder keeps. */
const MAX_STRICT_ERRORS = 100;

const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const JSON_SCHEMA: Schema = { $ref: `${EXTENSIONS}.JSONSchemaProps` };

/** Types that read their JSON themselves: their failure ends the decoding at once. */
const OWN_READERS: Readonly<Record<string, (value: JsonValue) => JsonValue>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': readQuantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': readIntOrString,
  [`${META}.Time`]: readTime,
  [`${META}.MicroTime`]: readMicroTime,
};

/** Types that hold any JSON as it is. */
const OPAQUE = new Set([
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
  `${META}.FieldsV1`,
  `${EXTENSIONS}.JSON`,
  `${EXTENSIONS}.CustomResourceSubresourceStatus`,
]);

/** Types that are a schema or something else; inside, strict decoding does not look. */
const SCHEMA_OR = new Set([
  `${EXTENSIONS}.JSONSchemaPropsOrArray`,
  `${EXTENSIONS}.JSONSchemaPropsOrBool`,
  `${EXTENSIONS}.JSONSchemaPropsOrStringArray`,
]);

/** Throws DecodeError. `name` is the definition of the kind; `value` belongs to the decoder from here on. */
export function decodeTyped(
  value: JsonObject,
  name: string,
  schemas: SchemaSet,
  repeated: RepeatedKeys = new WeakMap(),
): TypedResult {
  const decoder = new TypedDecoder(schemas, repeated);
  decoder.struct(value, schemas.resolve({ $ref: name }), shortName(name));
  if (decoder.problem !== undefined) throw new DecodeError(decoder.problem);
  return { value, strictErrors: [...decoder.strictErrors] };
}

/** `duplicate field "spec.a"` for each key that an object in `value` repeats: what strict decoding finds without a type. */
export function repeatedPaths(value: JsonValue, repeated: RepeatedKeys): string[] {
  const found = new Set<string>();
  const visit = (member: JsonValue, path: readonly (string | number)[]): void => {
    if (typeof member !== 'object' || member === null) return;
    if (Array.isArray(member)) return member.forEach((item, index) => visit(item, [...path, index]));
    const seen = new Set<string>();
    for (const key of repeated.get(member) ?? Object.keys(member)) {
      const place = [...path, key];
      if (seen.has(key)) found.add(`duplicate field ${JSON.stringify(pathText(place))}`);
      else visit(member[key] ?? null, place);
      seen.add(key);
    }
  };
  visit(value, []);
  return [...found].slice(0, MAX_STRICT_ERRORS);
}

/** Says of a value that it is nothing: a null, or what did not fit. */
const NOTHING = Symbol('nothing');

class TypedDecoder {
  readonly strictErrors = new Set<string>();
  /** The first misfit; Go reads on after it and reports it at the end. */
  problem: string | undefined;
  readonly #schemas: SchemaSet;
  readonly #repeated: RepeatedKeys;
  /** `['spec', 'containers', 0, 'name']`: of strict errors. */
  readonly #path: (string | number)[] = [];
  /** `['spec', 'containers', 'name']`: of type errors, which show neither indexes nor keys of maps. */
  readonly #fields: string[] = [];
  #structName = '';
  #lenient = 0;

  constructor(schemas: SchemaSet, repeated: RepeatedKeys) {
    this.#schemas = schemas;
    this.#repeated = repeated;
  }

  struct(object: JsonObject, schema: Schema, name: string): void {
    const outer = this.#structName;
    const properties = schema.properties ?? {};
    this.#eachKey(object, (key, again) => {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      this.#path.push(key);
      if (property === undefined) this.#strict('unknown');
      else if (again) this.#strict('duplicate');
      else {
        this.#fields.push(key);
        this.#structName = name;
        keep(object, key, this.#value(object[key] ?? null, property));
        this.#fields.pop();
      }
      this.#path.pop();
      if (property === undefined) delete object[key];
    });
    this.#writeZeros(object, schema);
    this.#structName = outer;
  }

  /** Leaves out and fills in what Go would when it writes the struct back. */
  #writeZeros(object: JsonObject, schema: Schema): void {
    const { omit, fill } = zerosOf(schema);
    for (const key of omit) if (isZero(object[key])) delete object[key];
    for (const [key, zero] of fill) {
      if (Object.hasOwn(object, key)) continue;
      if (!isObject(zero)) object[key] = zero;
      else this.struct((object[key] = {}), this.#schemas.resolve(schema.properties?.[key] ?? ANYTHING), '');
    }
  }

  #value(value: JsonValue, schema: Schema): JsonValue | typeof NOTHING {
    const name = schema.$ref === undefined ? undefined : referenceName(schema.$ref);
    if (name !== undefined) return this.#named(value, schema, name);
    if (value === null) return NOTHING;
    if (schema.type === 'array') return this.#list(value, schema);
    if (schema.type === 'object') return this.#map(value, schema);
    return this.#caught(() => readScalar(value, schema));
  }

  #named(value: JsonValue, schema: Schema, name: string): JsonValue | typeof NOTHING {
    if (OPAQUE.has(name)) return value === null && !name.endsWith('.JSON') ? NOTHING : value;
    if (value === null) return NOTHING;
    const read = OWN_READERS[name];
    if (read !== undefined) return this.#own(() => read(value));
    if (SCHEMA_OR.has(name)) return this.#schemaOr(value);
    if (!isObject(value)) return this.#misfit(goKind(value), goTypeOf(schema));
    this.struct(value, this.#schemas.resolve(schema), shortName(name));
    return value;
  }

  #schemaOr(value: JsonValue): JsonValue {
    this.#lenient += 1;
    if (isObject(value)) this.#value(value, JSON_SCHEMA);
    else if (Array.isArray(value)) for (const item of value) if (isObject(item)) this.#value(item, JSON_SCHEMA);
    this.#lenient -= 1;
    return value;
  }

  #list(value: JsonValue, schema: Schema): JsonValue | typeof NOTHING {
    if (!Array.isArray(value)) return this.#misfit(goKind(value), goTypeOf(schema));
    const items = schema.items ?? ANYTHING;
    for (let index = 0; index < value.length; index += 1) {
      this.#path.push(index);
      const item = this.#value(value[index] ?? null, items);
      value[index] = item === NOTHING ? zeroOf(items) : item;
      this.#path.pop();
    }
    return value;
  }

  #map(value: JsonValue, schema: Schema): JsonValue | typeof NOTHING {
    if (!isObject(value)) return this.#misfit(goKind(value), goTypeOf(schema));
    const members = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
    if (members === undefined) return value;
    this.#eachKey(value, (key, again) => {
      this.#path.push(key);
      if (again) this.#strict('duplicate');
      else {
        const member = this.#value(value[key] ?? null, members);
        keep(value, key, member === NOTHING ? zeroOf(members) : member);
      }
      this.#path.pop();
    });
    return value;
  }

  /** Calls with each key as it stood in the text; `again` from its second time on. */
  #eachKey(object: JsonObject, visit: (key: string, again: boolean) => void): void {
    const keys = this.#repeated.get(object);
    if (keys === undefined) {
      for (const key of Object.keys(object)) visit(key, false);
      return;
    }
    const seen = new Set<string>();
    for (const key of keys) {
      visit(key, seen.has(key));
      seen.add(key);
    }
  }

  #strict(what: 'unknown' | 'duplicate'): void {
    if (this.#lenient > 0 || this.strictErrors.size >= MAX_STRICT_ERRORS) return;
    this.strictErrors.add(`${what} field ${JSON.stringify(pathText(this.#path))}`);
  }

  #misfit(found: string, goType: string): typeof NOTHING {
    this.problem ??= this.#mismatch(found, goType);
    return NOTHING;
  }

  #mismatch(found: string, goType: string): string {
    const place = `${this.#structName}.${this.#fields.join('.')}`;
    return `json: cannot unmarshal ${found} into Go struct field ${place} of type ${goType}`;
  }

  /** A value whose misfit does not stop the decoding. */
  #caught(read: () => JsonValue): JsonValue | typeof NOTHING {
    try {
      return read();
    } catch (error) {
      if (error instanceof MismatchError) return this.#misfit(error.found, error.goType);
      if (!(error instanceof ValueError)) throw error;
      this.problem ??= error.message;
      return NOTHING;
    }
  }

  /** A value whose type reads it itself: what it throws ends the decoding. */
  #own(read: () => JsonValue): JsonValue {
    try {
      return read();
    } catch (error) {
      if (error instanceof MismatchError) throw new DecodeError(this.#mismatch(error.found, error.goType));
      if (error instanceof ValueError) throw new DecodeError(error.message, { cause: error });
      throw error;
    }
  }
}

function readScalar(value: JsonValue, schema: Schema): JsonValue {
  if (schema.type === 'integer') return readInteger(value, goTypeOf(schema));
  if (schema.format === 'byte') return readBytes(value);
  const fits = schema.type === undefined || typeof value === schema.type;
  if (fits && (typeof value !== 'number' || Number.isFinite(value))) return value;
  throw new MismatchError(goKind(value), goTypeOf(schema));
}

function keep(object: JsonObject, key: string, value: JsonValue | typeof NOTHING): void {
  if (value === NOTHING) delete object[key];
  else if (object[key] !== value) object[key] = value;
}

/** What Go leaves where a list or a map has a null. */
function zeroOf(schema: Schema): JsonValue {
  if (schema.$ref?.endsWith('.Quantity') === true) return '0';
  if (schema.$ref?.endsWith('.IntOrString') === true) return 0;
  if (schema.$ref !== undefined) return schema.$ref.endsWith('Time') ? null : {};
  if (schema.type === 'string') return '';
  if (schema.type === 'integer' || schema.type === 'number') return 0;
  return schema.type === 'boolean' ? false : null;
}

/** `v1.PodSpec`, `[]string`, `map[string]string`, `int32`: the type as Go prints it. */
export function goTypeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return referenceName(schema.$ref).split('.').slice(-2).join('.');
  if (schema.type === 'array') return `[]${goTypeOf(schema.items ?? ANYTHING)}`;
  if (schema.type === 'object') {
    const members = schema.additionalProperties;
    return `map[string]${typeof members === 'object' ? goTypeOf(members) : 'interface {}'}`;
  }
  if (schema.type === 'integer') return schema.format ?? 'int64';
  if (schema.type === 'boolean') return 'bool';
  return schema.format === 'byte' ? '[]uint8' : schema.type === 'number' ? 'float64' : 'string';
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** `spec.containers[0].name` */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
