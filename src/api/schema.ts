/**
 * The shape of objects as the whole API server reads it: OpenAPI v3 in structural form, with upstream's own key names.
 * One schema serves strict decoding, defaulting of custom resources, strategic merge, server-side apply and OpenAPI.
 */
import type { Json } from './object.ts';
import type { GroupVersionKind } from './resources.ts';

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/** A CEL rule of a custom resource: `x-kubernetes-validations`. */
export interface SchemaRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** A schema without `type` and `$ref` admits any value. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: SchemaType;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly example?: Json;
  readonly nullable?: boolean;
  readonly enum?: readonly Json[];

  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;

  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;

  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;

  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic';
  /** `merge`, `replace`, `retainKeys` or `merge,retainKeys`; without it a list is replaced. */
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-validations'?: readonly SchemaRule[];
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
  /** Built-in kinds only, never published: how Go writes the zero value, where the type does not tell. */
  readonly 'x-go-zero'?: 'omit' | 'keep' | 'null';
}

/** All that a server knows of shapes. Definitions are named as upstream does: `io.k8s.api.core.v1.PodSpec`. */
export interface SchemaSet {
  definition(name: string): Schema | undefined;
  forKind(kind: GroupVersionKind): Schema | undefined;
  /**
   * Follows `$ref` to what it means; what stands beside the reference (`default`, `x-kubernetes-…`) wins over the
   * definition. A schema without a reference comes back as it is; one that names nothing known admits anything.
   */
  resolve(schema: Schema): Schema;
}

/** Admits any value and says nothing of its inside. */
export const ANYTHING: Schema = Object.freeze({});

/** Follows references as `SchemaSet.resolve` says, each once. */
export class References {
  readonly #definition: (name: string) => Schema | undefined;
  readonly #resolved = new WeakMap<Schema, Schema>();

  constructor(definition: (name: string) => Schema | undefined) {
    this.#definition = definition;
  }

  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const known = this.#resolved.get(schema);
    if (known !== undefined) return known;
    const { $ref, ...beside } = schema;
    const target = this.#definition(referenceName($ref));
    const resolved = target === undefined ? beside : { ...this.resolve(target), ...beside };
    this.#resolved.set(schema, resolved);
    return resolved;
  }
}

/** A schema set over a table of definitions and the name of the definition that each kind has. */
export class DefinedSchemas implements SchemaSet {
  readonly #definitions: Readonly<Record<string, Schema>>;
  /** From `group/version/kind`. */
  readonly #kinds: ReadonlyMap<string, string>;
  readonly #references = new References((name) => this.definition(name));

  constructor(definitions: Readonly<Record<string, Schema>>, kinds: ReadonlyMap<string, string>) {
    this.#definitions = definitions;
    this.#kinds = kinds;
  }

  definition(name: string): Schema | undefined {
    return Object.hasOwn(this.#definitions, name) ? this.#definitions[name] : undefined;
  }

  forKind(kind: GroupVersionKind): Schema | undefined {
    const name = this.#kinds.get(kindKey(kind));
    return name === undefined ? undefined : this.definition(name);
  }

  resolve(schema: Schema): Schema {
    return this.#references.resolve(schema);
  }
}

/** The name in a reference: also of `#/components/schemas/NAME` and `#/definitions/NAME`. */
export function referenceName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

/** `group/version/kind`, the key of a kind in maps. */
export function kindKey(kind: GroupVersionKind): string {
  return `${kind.group}/${kind.version}/${kind.kind}`;
}

/** The schema of the property `name`, resolved; undefined where the schema does not know it. */
export function propertySchema(schema: Schema, name: string, schemas: SchemaSet): Schema | undefined {
  const property = schema.properties !== undefined && Object.hasOwn(schema.properties, name);
  if (property) return schemas.resolve(schema.properties[name] ?? ANYTHING);
  const additional = schema.additionalProperties;
  if (additional === undefined || additional === false) return undefined;
  return additional === true ? ANYTHING : schemas.resolve(additional);
}
