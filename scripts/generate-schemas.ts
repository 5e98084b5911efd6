/**
 * `npm run generate`: the schemas of the built-in kinds, from the typed models of `@kubernetes/client-node` and the table
 * of what those do not say. Writes two files of one definition a line, so that a reader parses only what it needs:
 *
 * - `generated/schemas.txt`: `NAME<TAB>JSON` without descriptions, read at every start;
 * - `generated/descriptions.txt`: `NAME<TAB>JSON` with `{"": of the type, "field": of the field}`, read for OpenAPI only.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Schema } from '../src/api/schema.ts';
import { buildDefinitions } from './schemas/build-definitions.ts';
import { readModels } from './schemas/read-models.ts';

/** Kubernetes 1.36 has 572 structs in its stable versions. */
const MIN_MODELS = 500;

const root = fileURLToPath(new URL('..', import.meta.url));
const models = readModels(`${root}node_modules/@kubernetes/client-node/dist/gen/models`);
if (models.size < MIN_MODELS) {
  throw new Error(`generate: only ${models.size} models found where ${MIN_MODELS} are the least; run npm ci`);
}
const definitions = buildDefinitions(models);
mkdirSync(`${root}generated`, { recursive: true });
writeFileSync(
  `${root}generated/schemas.txt`,
  lines(([, schema]) => withoutDescriptions(schema)),
);
writeFileSync(
  `${root}generated/descriptions.txt`,
  lines(([, schema]) => descriptionsOf(schema)),
);
console.log(`generated ${definitions.size} definitions from ${models.size} models`);

function lines(value: (entry: [string, Schema]) => unknown): string {
  return [...definitions].map((entry) => `${entry[0]}\t${JSON.stringify(value(entry))}\n`).join('');
}

function withoutDescriptions(schema: Schema): Schema {
  const { description: _, properties, ...rest } = schema;
  if (properties === undefined) return rest;
  const bare = Object.entries(properties).map(([name, property]) => [name, withoutDescriptions(property)]);
  return { ...rest, properties: Object.fromEntries(bare) as Record<string, Schema> };
}

function descriptionsOf(schema: Schema): Record<string, string> {
  const texts: Record<string, string> = {};
  if (schema.description !== undefined) texts[''] = schema.description;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.description !== undefined) texts[name] = property.description;
  }
  return texts;
}
