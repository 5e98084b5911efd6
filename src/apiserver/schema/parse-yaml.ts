/** YAML bodies, read as sigs.k8s.io/yaml reads them: converted to JSON by the rules of YAML 1.1. */
import {
  LineCounter,
  isScalar,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type Tags,
  type YAMLParseError,
} from 'yaml';
import type { JsonValue } from '../../api/json.ts';
import { assertExact } from './exact-integers.ts';
import type { ParsedBody } from './parse-body.ts';

/** Against documents that grow without bound when their aliases are followed. */
const MAX_ALIASES = 100;

const utf8 = new TextDecoder();

/** Throws YamlSyntaxError where the text is no YAML, BadRequest for numbers that would lose digits. Only the first document is read. */
export function parseYamlBody(bytes: Uint8Array): ParsedBody {
  const lines = new LineCounter();
  const text = utf8.decode(bytes);
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'yaml-1.1',
    uniqueKeys: false,
    lineCounter: lines,
    customTags: withoutTimes,
  });
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (error !== undefined) throw new YamlSyntaxError(faultOf(error, text, lines));
  visit(document, {
    Scalar: (_, { value, source }) => (typeof value === 'number' ? assertExact(source ?? '') : undefined),
  });
  const problems = repeatedKeys(document, lines);
  const value = toJson(document);
  return { value, ...(problems.length === 0 ? {} : { yamlProblems: problems }) };
}

/** The place and the words of go-yaml, which says the same of every list or map that is not closed. */
function faultOf({ pos, message }: YAMLParseError, text: string, lines: LineCounter): string {
  const { line } = lines.linePos(Math.min(pos[0], text.trimEnd().length));
  const what = message.startsWith('Flow ') ? 'did not find expected node content' : firstLine(message);
  return `line ${line}: ${what}`;
}

/** go-yaml keeps times as text and knows no sexagesimal numbers. */
function withoutTimes(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return tag !== 'timestamp' && tag !== 'intTime' && tag !== 'floatTime';
    return tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME');
  });
}

function toJson(document: Document): JsonValue {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as JsonValue;
  } catch (error) {
    throw new YamlSyntaxError(error instanceof Error ? firstLine(error.message) : String(error));
  }
}

function repeatedKeys(document: Document, lines: LineCounter): string[] {
  const problems: string[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        if (key === undefined) continue;
        if (seen.has(key.text)) {
          problems.push(`line ${lines.linePos(key.at).line}: key ${JSON.stringify(key.text)} already set in map`);
        }
        seen.add(key.text);
      }
    },
  });
  if (problems.length === 0) return [];
  return [`error converting YAML to JSON: yaml: unmarshal errors:\n${problems.map((text) => `  ${text}`).join('\n')}`];
}

function keyOf(pair: Pair): { text: string; at: number } | undefined {
  if (!isScalar(pair.key)) return undefined;
  return { text: String(pair.key.value), at: pair.key.range?.[0] ?? 0 };
}

/** What of the text is no YAML, worded as go-yaml words it. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';

  constructor(why: string) {
    super(`yaml: ${why}`);
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}
