/** From models and facts to definitions: pure. */
import type { Json } from '../../src/api/object.ts';
import { splitApiVersion, type GroupVersionKind } from '../../src/api/resources.ts';
import type { Schema } from '../../src/api/schema.ts';
import {
  DEFINITION_GROUPS,
  type DefinitionGroup,
  ENUMS,
  FIELD_FACTS,
  OPTION_VERSIONS,
  PLAIN_DEFINITIONS,
} from '../../src/apiserver/schema/facts.ts';
import type { Model, ModelField } from './read-models.ts';

type Draft = { -readonly [K in keyof Schema]: Schema[K] } & { 'x-kubernetes-unions'?: Json };

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
/** Models that stable versions do not publish: left over from earlier releases, or used by beta versions only. */
const UNPUBLISHED = ['V1ClaimSource', 'V1GroupResource', 'V1ResourceClaim', 'V1WorkloadReference'];
const OPTION_KINDS = [`${META}.DeleteOptions`, `${META}.WatchEvent`];

/** All definitions by upstream's name, sorted. */
export function buildDefinitions(models: ReadonlyMap<string, Model>): Map<string, Schema> {
  const names = nameModels(models);
  const definitions = new Map(Object.entries(PLAIN_DEFINITIONS));
  const facts = new UnusedFacts();
  for (const group of DEFINITION_GROUPS) {
    for (const kind of namesOf(group)) {
      const name = `${group.prefix}.${kind}`;
      const model = models.get(modelOf(group, kind, models));
      if (model !== undefined) definitions.set(name, definitionOf(group, kind, model, { names, facts }));
    }
  }
  facts.assertNone();
  return new Map([...definitions].sort(([one], [other]) => (one < other ? -1 : 1)));
}

interface Context {
  /** Upstream's name of each model. */
  readonly names: ReadonlyMap<string, string>;
  readonly facts: UnusedFacts;
}

/** Hands out the facts and remembers which nobody asked for: those name a field that no longer exists. */
class UnusedFacts {
  readonly #unused = new Set(
    Object.entries(FIELD_FACTS).flatMap(([prefix, facts]) => Object.keys(facts).map((key) => `${prefix}.${key}`)),
  );

  take(prefix: string, key: string): string[] {
    this.#unused.delete(`${prefix}.${key}`);
    return FIELD_FACTS[prefix]?.[key]?.split(' ') ?? [];
  }

  assertNone(): void {
    if (this.#unused.size > 0) throw new Error(`facts of what the models do not have: ${[...this.#unused].join(', ')}`);
  }
}

function namesOf(group: DefinitionGroup): string[] {
  return group.names.trim().split(/\s+/);
}

/** `CoreV1Event` where several groups have the name, `V1Pod` otherwise. */
function modelOf(group: DefinitionGroup, kind: string, models: ReadonlyMap<string, Model>): string {
  const [, groupName = '', version = ''] = /([a-z]+)\.(v?\w+)$/.exec(group.prefix) ?? [];
  const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
  const candidates = [`${capital(groupName)}${capital(version)}${kind}`, `${capital(version)}${kind}`];
  const found = candidates.find((name) => models.has(name));
  if (found === undefined) throw new Error(`no model for ${group.prefix}.${kind}`);
  return found;
}

function nameModels(models: ReadonlyMap<string, Model>): Map<string, string> {
  const names = new Map<string, string>([
    ['V1MicroTime', `${META}.MicroTime`],
    ['Date', `${META}.Time`],
    ['IntOrString', INT_OR_STRING],
  ]);
  for (const group of DEFINITION_GROUPS) {
    for (const kind of namesOf(group)) {
      const model = modelOf(group, kind, models);
      if (names.has(model)) throw new Error(`${model} would be both ${names.get(model)} and ${group.prefix}.${kind}`);
      names.set(model, `${group.prefix}.${kind}`);
    }
  }
  const unnamed = [...models.keys()].filter((model) => !names.has(model) && !UNPUBLISHED.includes(model));
  if (unnamed.length > 0) throw new Error(`models that no definition group names: ${unnamed.join(', ')}`);
  return names;
}

function definitionOf(group: DefinitionGroup, kind: string, model: Model, context: Context): Schema {
  const words = context.facts.take(group.prefix, kind);
  const definition: Draft = { type: 'object' };
  if (model.description !== undefined) definition.description = model.description;
  const required = model.fields.filter((field) => field.required).map((field) => field.name);
  if (required.length > 0) definition.required = required;
  const properties: Record<string, Schema> = {};
  for (const field of model.fields) {
    properties[field.name] = propertyOf(
      field,
      kind,
      context.facts.take(group.prefix, `${kind}.${field.name}`),
      context,
    );
  }
  definition.properties = properties;
  applyWords(definition, words);
  const kinds = kindsOf(group, kind, properties, words);
  if (kinds.length > 0) definition['x-kubernetes-group-version-kind'] = kinds;
  return definition;
}

function kindsOf(
  group: DefinitionGroup,
  kind: string,
  properties: Readonly<Record<string, Schema>>,
  words: readonly string[],
): GroupVersionKind[] {
  if (OPTION_KINDS.includes(`${group.prefix}.${kind}`)) {
    return OPTION_VERSIONS.trim()
      .split(/\s+/)
      .map((text) => gvk(text, kind));
  }
  const isKind = ['apiVersion', 'kind', 'metadata'].every((name) => name in properties) || words.includes('kind');
  return isKind && group.apiVersion !== undefined ? [gvk(group.apiVersion, kind)] : [];
}

function gvk(apiVersion: string, kind: string): GroupVersionKind {
  const [group, version] = splitApiVersion(apiVersion);
  return { group, kind, version };
}

function propertyOf(field: ModelField, kind: string, words: readonly string[], context: Context): Schema {
  const named = words.find((word) => /^(Quantity|JSON\w*|RawExtension|FieldsV1|CustomResource\w+)$/.test(word));
  const schema: Draft = { ...typeOf(field.type, field.format, named, context.names) };
  if (field.description !== undefined) schema.description = field.description;
  if (schema.type === 'array') {
    if (!words.includes('untyped') && !(field.name === 'items' && kind.endsWith('List'))) {
      schema['x-kubernetes-list-type'] = 'atomic';
    }
  } else if (schema.additionalProperties === undefined) {
    const zero = zeroOf(schema);
    const has = (field.required || field.name === 'metadata' || words.includes('plain')) && !words.includes('pointer');
    if (zero !== undefined && (has || words.includes('embedded'))) schema.default = zero;
  }
  applyWords(schema, words);
  const optionalText = schema.type === 'string' && !field.required && schema.default === undefined;
  if (optionalText && words.includes('pointer')) schema['x-go-zero'] = 'keep';
  return schema;
}

function typeOf(type: string, format: string, named: string | undefined, names: ReadonlyMap<string, string>): Schema {
  const inner = /^(?:Array<(.*)>|\{ \[key: string\]: (.*); \})$/.exec(type);
  if (inner !== null) {
    const [, item, value] = inner;
    if (item !== undefined) return { type: 'array', items: typeOf(item, format, named, names) };
    return { type: 'object', additionalProperties: typeOf(value ?? '', format, named, names) };
  }
  if (named !== undefined) return { $ref: plainName(named) };
  if (type === 'string' || type === 'boolean') return format === '' ? { type } : { type, format };
  if (type === 'number') return { type: format.startsWith('int') ? 'integer' : 'number', format };
  const name = names.get(type);
  if (name === undefined) throw new Error(`a field has the type ${type}, which neither models nor facts explain`);
  return { $ref: name };
}

function plainName(word: string): string {
  const name = Object.keys(PLAIN_DEFINITIONS).find((each) => each.endsWith(`.${word}`));
  if (name === undefined) throw new Error(`facts name ${word}, which is no plain definition`);
  return name;
}

/** The zero value of Go; none for what is a pointer or no struct. */
function zeroOf(schema: Schema): Json | undefined {
  if (schema.$ref !== undefined) return schema.$ref in PLAIN_DEFINITIONS ? undefined : {};
  const zeros: Readonly<Record<string, Json>> = { string: '', integer: 0, number: 0, boolean: false };
  return zeros[schema.type ?? ''];
}

/** What each word of FIELD_FACTS does to a schema. Words that are not here steer the rules above. */
const WORDS: Readonly<Record<string, (schema: Draft, argument: string) => void>> = {
  merge: withStrategy('merge'),
  'merge,retainKeys': withStrategy('merge,retainKeys'),
  replace: withStrategy('replace'),
  retainKeys: withStrategy('retainKeys'),
  set: (schema) => (schema['x-kubernetes-list-type'] = 'set'),
  map: (schema, keys) => asMap(schema, keys.split(',')),
  atomic: (schema) => {
    if (schema.type === 'array' || schema.format === 'byte') withoutMap(schema);
    else schema['x-kubernetes-map-type'] = 'atomic';
  },
  granular: (schema) => (schema['x-kubernetes-map-type'] = 'granular'),
  enum: withEnum,
  null: (schema) => (schema['x-go-zero'] = 'null'),
  kept: (schema) => (schema['x-go-zero'] = 'keep'),
  omitted: (schema) => (schema['x-go-zero'] = 'omit'),
  default: (schema, json) => (schema.default = JSON.parse(json) as Json),
  union: (schema, json) => (schema['x-kubernetes-unions'] = JSON.parse(json) as Json),
};

/** Words in their order: `merge(containerPort) map(containerPort,protocol) enum=Protocol`; a later one wins. */
function applyWords(schema: Draft, words: readonly string[]): void {
  const parsed = words.map((word) => /^([^(=]+)(?:\((.*)\)|=(.*))?$/.exec(word) ?? []);
  for (const [, verb = '', inside, behind] of parsed) WORDS[verb]?.(schema, inside ?? behind ?? '');
}

function withStrategy(strategy: string): (schema: Draft, mergeKey: string) => void {
  return (schema, mergeKey) => {
    schema['x-kubernetes-patch-strategy'] = strategy;
    if (mergeKey === '') return;
    schema['x-kubernetes-patch-merge-key'] = mergeKey;
    asMap(schema, [mergeKey]);
  };
}

function asMap(schema: Draft, keys: readonly string[]): void {
  schema['x-kubernetes-list-type'] = 'map';
  schema['x-kubernetes-list-map-keys'] = keys;
}

function withoutMap(schema: Draft): void {
  schema['x-kubernetes-list-type'] = 'atomic';
  delete schema['x-kubernetes-list-map-keys'];
}

function withEnum(schema: Draft, name: string): void {
  const values = ENUMS[name];
  if (values === undefined) throw new Error(`facts name the enumeration ${name}, which is not there`);
  if (schema.items !== undefined) schema.items = { ...schema.items, enum: values };
  else if (typeof schema.additionalProperties === 'object') {
    schema.additionalProperties = { ...schema.additionalProperties, enum: values };
  } else schema.enum = values;
}
