/** Objects of the built-in kinds, made at random after their schemas. */
import fc from 'fast-check';
import { referenceName, type Schema } from '../../src/api/schema.ts';
import type { SchemaCatalog } from '../../src/apiserver/schema/index.ts';

/** Objects further inside are empty: each definition gets its own turn. */
const MAX_DEPTH = 2;
const META = 'io.k8s.apimachinery.pkg';
const CRD = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const instant = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000).toISOString());
const microseconds = fc.integer({ min: 0, max: 999_999 }).map((value) => String(value).padStart(6, '0'));
const json = fc.dictionary(fc.constantFrom('a', 'f:b', 'k:{"name":"x"}'), fc.oneof(text, fc.integer(), fc.boolean()), {
  noNullPrototype: true,
});

const FORMS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  [`${META}.api.resource.Quantity`]: fc.constantFrom('100m', '1', '2Gi', '0', '1e3'),
  [`${META}.apis.meta.v1.FieldsV1`]: json,
  [`${META}.runtime.RawExtension`]: json,
  [`${META}.apis.meta.v1.Time`]: instant.map((value) => value.replace('.000Z', 'Z')),
  [`${META}.apis.meta.v1.MicroTime`]: fc
    .tuple(instant, microseconds)
    .map(([value, fraction]) => value.replace('.000Z', `.${fraction}Z`)),
  [`${META}.util.intstr.IntOrString`]: fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), text),
  [`${CRD}.JSON`]: fc.oneof(json, text, fc.boolean(), fc.integer()),
};

export class KubeArbitrary {
  readonly #catalog: SchemaCatalog;
  /** Whether objects may have the member of the definition. */
  readonly #admits: (definition: string, member: string) => boolean;

  constructor(catalog: SchemaCatalog, admits: (definition: string, member: string) => boolean) {
    this.#catalog = catalog;
    this.#admits = admits;
  }

  /** Lists and maps are never empty, members never null: those say the same as absent ones. */
  of(definition: string, depth = 0): fc.Arbitrary<unknown> {
    const form = FORMS[definition];
    if (form !== undefined) return form;
    const schema = `${CRD}.JSONSchemaProps`;
    if (definition === `${CRD}.JSONSchemaPropsOrBool`) return fc.oneof(fc.boolean(), this.of(schema, depth + 1));
    if (definition === `${CRD}.JSONSchemaPropsOrArray`)
      return fc.oneof(this.#list(this.of(schema, depth + 1)), this.of(schema, depth + 1));
    if (definition === `${CRD}.JSONSchemaPropsOrStringArray`)
      return fc.oneof(this.#list(text), this.of(schema, depth + 1));
    return this.#schema(this.#catalog.definition(definition) ?? {}, definition, depth);
  }

  #schema(schema: Schema, home: string, depth: number): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined)
      return fc.constant(undefined).chain(() => this.of(referenceName(schema.$ref ?? ''), depth + 1));
    switch (schema.type) {
      case 'string':
        return schema.format === 'byte'
          ? fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'))
          : text;
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return schema.format === 'int64' ? fc.maxSafeInteger() : fc.integer();
      case 'number':
        return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
      case 'array':
        return this.#list(this.#schema(schema.items ?? {}, home, depth));
      default:
        return this.#object(schema, home, depth);
    }
  }

  #list(item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    return fc.array(item, { minLength: 1, maxLength: 2 });
  }

  #object({ properties, additionalProperties }: Schema, home: string, depth: number): fc.Arbitrary<unknown> {
    if (properties === undefined && typeof additionalProperties === 'object') {
      return fc.dictionary(text, this.#schema(additionalProperties, home, depth), {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
      });
    }
    const members = Object.entries(properties ?? {}).filter(([name]) => this.#admits(home, name));
    const arbitraries = members.map(([name, schema]) => [name, this.#schema(schema, home, depth)] as const);
    return fc.record(Object.fromEntries(depth >= MAX_DEPTH ? [] : arbitraries), {
      requiredKeys: [],
      noNullPrototype: true,
    });
  }
}
