/** YAML bodies, read as sigs.k8s.io/yaml reads them: converted to JSON by the rules of YAML 1.1. */
import { LineCounter, isScalar, parseDocument, visit, type Document, type Pair, type Tags } from 'yaml';
import type { JsonValue } from '../../api/json.ts';
import { badRequest } from '../../api/status-error.ts';
import type { ParsedBody } from './parse-body.ts';

/** Against documents that grow without bound when their aliases are followed. */
const MAX_ALIASES = 100;

const utf8 = new TextDecoder();

/** Throws a StatusError (`BadRequest`) where the text is no YAML. Only the first document is read. */
export function parseYamlBody(bytes: Uint8Array): ParsedBody {
  const lines = new LineCounter();
  const document = parseDocument(utf8.decode(bytes), {
    version: '1.1',
    schema: 'yaml-1.1',
    uniqueKeys: false,
    lineCounter: lines,
    customTags: withoutTimes,
  });
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS');
  if (error !== undefined) throw notYaml(`line ${lines.linePos(error.pos[0]).line}: ${firstLine(error.message)}`);
  const problems = repeatedKeys(document, lines);
  const value = toJson(document);
  return { value, ...(problems.length === 0 ? {} : { yamlProblems: problems }) };
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
    throw notYaml(error instanceof Error ? firstLine(error.message) : String(error));
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

function notYaml(why: string): Error {
  return badRequest(`error converting YAML to JSON: yaml: ${why}`);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}
