/**
 * The JSONPath of printer columns and selectable fields: `.spec.items[0].name`, `.metadata.labels['a.b/c']`, `[*]`,
 * `.status.conditions[?(@.type=="Ready")].status`. Compiled once; nothing is found where the path leads nowhere.
 */
import { equalJson, isObject, ownMember, type JsonValue } from '../../../api/json.ts';

export type JsonPath = (value: JsonValue) => JsonValue[];

type Step = (value: JsonValue) => JsonValue[];

const TOKENS =
  /\.([\w$\\-](?:[\w$-]|\\.)*)|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]|\[(-?\d+)\]|(\.?\[?\*\]?)|\[\?\((@[^)]*)\)\]/y;
const FILTER = /^@((?:\.[\w-]+)+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|(true|false|-?\d+(?:\.\d+)?))$/;

/** Undefined where the path is not understood. `{.spec.a}` is read as `.spec.a`. */
export function compileJsonPath(text: string): JsonPath | undefined {
  const path = text.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  const steps: Step[] = [];
  // Filters hold paths of their own, so each reading has its own place.
  const tokens = new RegExp(TOKENS);
  while (tokens.lastIndex < path.length) {
    const token = tokens.exec(path);
    if (token === null) return undefined;
    const step = stepOf(token);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return (value) => steps.reduce<JsonValue[]>((found, step) => found.flatMap(step), [value]);
}

function stepOf([, name, single, double, index, star, filter]: RegExpExecArray): Step | undefined {
  const key = name ?? single ?? double;
  if (key !== undefined) return memberStep(key.replace(/\\(.)/g, '$1'));
  if (index !== undefined) return (value) => listOf(value).slice(Number(index)).slice(0, 1);
  if (star !== undefined) return (value) => (isObject(value) ? Object.values(value) : listOf(value));
  return filter === undefined ? undefined : filterStep(filter);
}

function memberStep(key: string): Step {
  return (value) => {
    const member = isObject(value) ? ownMember(value, key) : undefined;
    return member === undefined || member === null ? [] : [member];
  };
}

function filterStep(text: string): Step | undefined {
  const [, path = '', operator, double, single, bare] = FILTER.exec(text.trim()) ?? [];
  const wanted: JsonValue = double ?? single ?? (JSON.parse(bare ?? 'null') as JsonValue);
  const select = path === '' ? undefined : compileJsonPath(path);
  if (select === undefined) return undefined;
  return (value) =>
    listOf(value).filter((item) => select(item).some((found) => equalJson(found, wanted)) === (operator === '=='));
}

function listOf(value: JsonValue): JsonValue[] {
  return Array.isArray(value) ? value : [];
}
