/** The schema as a list of keys, and the texts made of it: sample file, minimal file, reference page. */
import { z } from 'zod';
import { siteSchema } from './schema.ts';

export interface KeyDescription {
  /** `mqtt.internal-server` */
  readonly key: string;
  readonly description: string;
  /** Absent on sections. */
  readonly type?: string;
  readonly default?: unknown;
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const HEADER = `# Configuration of edgesite: every key with its default. What is left out takes its default.
# Environment variables (EDGESITE_MQTT__MODE=1 for mqtt.mode) and flags (--set mqtt.mode=1) win over this file.
`;
const MINIMAL_HEADER = `# The keys that a site is most likely to change. --defaultconfig prints all of them.
`;
const MINIMAL_KEYS = [
  'data-dir',
  'controller.kube.master',
  'controller.kube.kubeconfig',
  'controller.kube.node-name',
  'apiserver.port',
  'edged.register-node',
  'edged.docker-address',
  'edged.interface-name',
  'edged.cluster-dns',
  'edged.cluster-domain',
  'mqtt.internal-server',
  'mqtt.mode',
  'metamanager.server',
];

/** Every section and key, in the order of the file. */
export function describeKeys(): KeyDescription[] {
  return describe(z.toJSONSchema(siteSchema, { io: 'input' }) as JsonSchema, []);
}

export function sampleConfig(): string {
  return HEADER + renderYaml(describeKeys());
}

export function minimalConfig(): string {
  const keep = (key: string): boolean => MINIMAL_KEYS.some((each) => each === key || each.startsWith(`${key}.`));
  return MINIMAL_HEADER + renderYaml(describeKeys().filter(({ key }) => keep(key)));
}

/** The table of docs/configuration.md. */
export function referenceTable(): string {
  const rows = describeKeys()
    .filter(({ type }) => type !== undefined)
    .map((key) => `| \`${key.key}\` | ${key.type} | \`${JSON.stringify(key.default)}\` | ${key.description} |`);
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function describe(schema: JsonSchema, path: readonly string[]): KeyDescription[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = [...path, name].join('.');
    const description = property.description ?? '';
    if (property.properties !== undefined) return [{ key, description }, ...describe(property, [...path, name])];
    return [{ key, description, type: typeName(property), default: property.default }];
  });
}

function typeName(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'text' : typeName(schema.items)}`;
  if (schema.properties !== undefined) return `{${Object.keys(schema.properties).join(', ')}}`;
  if (schema.type === 'integer') return `whole number, ${schema.minimum} to ${schema.maximum}`;
  return schema.type === 'boolean' ? 'true or false' : 'text';
}

function renderYaml(keys: readonly KeyDescription[]): string {
  return keys
    .map(({ key, description, type, default: value }) => {
      const segments = key.split('.');
      const indent = '  '.repeat(segments.length - 1);
      const name = segments.at(-1) ?? '';
      const blank = segments.length === 1 ? '\n' : '';
      const comment = wrap(description, indent);
      return `${blank}${comment}${indent}${name}:${type === undefined ? '' : ` ${scalar(value)}`}\n`;
    })
    .join('');
}

/** JSON is YAML; bare words stay bare for the eye. */
function scalar(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(scalar).join(', ')}]`;
  return typeof value === 'string' && /^[A-Za-z/][\w./-]*$/.test(value) ? value : JSON.stringify(value);
}

const COMMENT_WIDTH = 110;

function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length + 3 > COMMENT_WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => `${indent}# ${each}\n`).join('');
}
