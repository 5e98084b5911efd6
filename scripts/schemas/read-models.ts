/** Reads the typed models of `@kubernetes/client-node` as text: nothing of that package is loaded. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ModelField {
  /** As it is on the wire. */
  readonly name: string;
  /** `string`, `number`, `Array<V1Container>`, `{ [key: string]: string; }`, … */
  readonly type: string;
  readonly format: string;
  readonly required: boolean;
  readonly description: string | undefined;
}

export interface Model {
  readonly description: string | undefined;
  readonly fields: readonly ModelField[];
}

/** The models of stable versions, by the name of their class. */
export function readModels(folder: string): Map<string, Model> {
  const models = new Map<string, Model>();
  for (const file of readdirSync(folder).sort()) {
    const name = /^((?:[A-Z][a-z]+)?V\d+[A-Z]\w*|VersionInfo)\.js$/.exec(file)?.[1];
    if (name !== undefined) models.set(name, readModel(folder, name));
  }
  return models;
}

function readModel(folder: string, name: string): Model {
  const code = readFileSync(join(folder, `${name}.js`), 'utf8');
  const table = /\.attributeTypeMap = (\[[\s\S]*?\]);\n/.exec(code)?.[1];
  if (table === undefined) throw new Error(`${name}.js has no attributeTypeMap: the models have changed their form`);
  const attributes = JSON.parse(table) as { name: string; baseName: string; type: string; format: string }[];
  const declared = readDeclarations(readFileSync(join(folder, `${name}.d.ts`), 'utf8'));
  const fields = attributes.map((attribute): ModelField => {
    const declaration = declared.fields.get(attribute.name);
    if (declaration === undefined) throw new Error(`${name}.d.ts does not declare ${attribute.name}`);
    return { name: attribute.baseName, type: attribute.type, format: attribute.format, ...declaration };
  });
  return { description: declared.description, fields };
}

interface Declarations {
  readonly description: string | undefined;
  readonly fields: Map<string, { required: boolean; description: string | undefined }>;
}

function readDeclarations(text: string): Declarations {
  const opening = /(?:\/\*\*\n\* (.*)\n\*\/\n)?export declare class \w+ \{\n/.exec(text);
  if (opening === null) throw new Error('a model without a class: the models have changed their form');
  const fields: Declarations['fields'] = new Map();
  const field = /(?: {4}\/\*\*\n {4}\* (.*)\n {4}\*\/\n)? {4}'(\w+)'(\?)?: /g;
  for (const [, description, name = '', optional] of text.matchAll(field)) {
    fields.set(name, { required: optional === undefined, description: unescape(description) });
  }
  return { description: unescape(opening[1]), fields };
}

/** Undoes what the generator of the models did to the text for the sake of the comment it stands in. */
function unescape(text: string | undefined): string | undefined {
  return text
    ?.replaceAll('*_/', '*/')
    .replace(/\\(["'])/g, '$1')
    .replaceAll('\\\\', '\\');
}
