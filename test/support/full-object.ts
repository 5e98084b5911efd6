/** Objects with every member of their schemas, all values different, the same in every run. */
import { referenceName, type Schema } from '../../src/api/schema.ts';
import type { SchemaCatalog } from '../../src/apiserver/schema/index.ts';

const META = 'io.k8s.apimachinery.pkg';
const CRD = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

const MAX_RECURSION = 1;

/** Made in one go; `round` decides which booleans are true, so that any two differ in some round. */
export class FullObject {
  readonly #catalog: SchemaCatalog;
  readonly #round: number;
  readonly #forms: Readonly<Record<string, () => unknown>>;
  /** The definitions that are being made. */
  readonly #outer: string[] = [];
  #count = 0;
  #flags = 0;

  constructor(catalog: SchemaCatalog, round: number) {
    this.#catalog = catalog;
    this.#round = round;
    const schema = () => this.#reference(`${CRD}.JSONSchemaProps`);
    this.#forms = {
      [`${META}.api.resource.Quantity`]: () => `${this.#number()}m`,
      [`${META}.apis.meta.v1.FieldsV1`]: () => ({ [`f:${this.#text()}`]: {} }),
      [`${META}.runtime.RawExtension`]: () => ({ [this.#text()]: this.#number() }),
      [`${META}.apis.meta.v1.Time`]: () => this.#time('Z'),
      [`${META}.apis.meta.v1.MicroTime`]: () => this.#time('.000123Z'),
      [`${META}.util.intstr.IntOrString`]: () => (this.#flag() ? this.#number() : this.#text()),
      [`${CRD}.JSON`]: () => ({ [this.#text()]: this.#number() }),
      [`${CRD}.JSONSchemaPropsOrBool`]: () => (this.#flag() ? true : schema()),
      [`${CRD}.JSONSchemaPropsOrArray`]: () => (this.#flag() ? [schema()] : schema()),
      [`${CRD}.JSONSchemaPropsOrStringArray`]: () => (this.#flag() ? [this.#text()] : schema()),
    };
  }

  of(definition: string): object {
    return this.#reference(definition) as object;
  }

  /** A definition in itself stops at the second time. */
  #reference(definition: string): unknown {
    const form = this.#forms[definition];
    if (form !== undefined) return form();
    if (this.#outer.filter((name) => name === definition).length > MAX_RECURSION) return {};
    this.#outer.push(definition);
    const value = this.#value(this.#catalog.definition(definition) ?? {});
    this.#outer.pop();
    return value;
  }

  #value(schema: Schema): unknown {
    if (schema.$ref !== undefined) return this.#reference(referenceName(schema.$ref));
    switch (schema.type) {
      case 'string':
        return schema.format === 'byte' ? Buffer.from(this.#text()).toString('base64') : this.#text();
      case 'boolean':
        return this.#flag();
      case 'integer':
        return this.#number();
      case 'number':
        return this.#number() + 0.5;
      case 'array':
        return [this.#value(schema.items ?? {}), this.#value(schema.items ?? {})];
      default:
        return this.#object(schema);
    }
  }

  #object(schema: Schema): unknown {
    if (schema.properties === undefined && typeof schema.additionalProperties === 'object') {
      return { [this.#text()]: this.#value(schema.additionalProperties) };
    }
    const isKind = schema['x-kubernetes-group-version-kind'] !== undefined;
    const members = Object.entries(schema.properties ?? {})
      // What a kind is called stands in the envelope.
      .filter(([name]) => !(isKind && (name === 'kind' || name === 'apiVersion')))
      .map(([name, member]) => [name, this.#value(member)] as const);
    return Object.fromEntries(members);
  }

  #number(): number {
    this.#count += 1;
    return this.#count;
  }

  #text(): string {
    return `text-${this.#number()}`;
  }

  #flag(): boolean {
    this.#flags += 1;
    return ((this.#flags >> this.#round) & 1) === 1;
  }

  #time(end: string): string {
    return new Date(this.#number() * 1000).toISOString().replace('.000Z', end);
  }
}
