/**
 * The door to the CEL library: text to tree. Of the library we take lexer and parser. Its checker and evaluator know no
 * cost limit, match with backtracking expressions, report one error in words of their own and cannot be told otherwise, so
 * checking and running are ours (check.ts, plan.ts). What its grammar still lacks after `rewrite`: quoted field names and a
 * leading dot.
 */
import { Environment, ParseError } from '@marcbachmann/cel-js';
import { rewrite } from './rewrite.ts';
import { CelSyntaxError, MAX_DEPTH, tooDeep, type Issue, type Node } from './syntax.ts';
import { TreeReader } from './tree-reader.ts';

const MAX_NODES = 100_000;

const library = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  limits: { maxAstNodes: MAX_NODES, maxDepth: MAX_DEPTH, maxListElements: MAX_NODES, maxMapEntries: MAX_NODES },
});

/** Throws CelSyntaxError. */
export function parse(text: string): Node {
  const source = rewrite(text);
  try {
    return new TreeReader(source).read(library.parse(source.text).ast);
  } catch (error) {
    if (error instanceof ParseError) {
      const { at, message } = translate(error, source.text);
      throw new CelSyntaxError({ at: source.original(at), message });
    }
    // A row of thousands of signs (`!!!!…`) is the one thing that the library's own limits let through.
    if (error instanceof RangeError) throw tooDeep(0);
    throw error;
  }
}

const EXPRESSION_STARTS =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** By the library's code, in the words of cel-go's parser as far as those can be known. */
function translate(error: ParseError, text: string): Issue {
  const { start = 0, end = start } = error.range ?? {};
  const found = start >= text.length ? '<EOF>' : text.slice(start, end);
  switch (error.code) {
    case 'limit_exceeded':
      return tooDeep(start).issue;
    case 'unexpected_token':
      return { at: start, message: `Syntax error: mismatched input '${found}' expecting ${EXPRESSION_STARTS}` };
    case 'unexpected_character':
      return { at: start, message: `Syntax error: ${unexpected(text.slice(start, start + 1), found)}` };
    case 'expected_token':
      return { at: start, message: `Syntax error: ${expected(error.summary, found)}` };
    case 'invalid_macro_argument':
      // Of `a.b` the library points at the name, cel-go at the dot.
      return { at: text[start - 1] === '.' ? start - 1 : start, message: 'argument must be a simple name' };
    case 'reserved_identifier':
      return { at: start, message: `reserved identifier: ${found}` };
    default:
      return { at: start, message: `Syntax error: ${error.summary}` };
  }
}

function unexpected(character: string, found: string): string {
  const known = /[\w\s"'()[\]{}.,:?+\-*/%<>=!&|]/.test(character);
  return known ? `extraneous input '${found}' expecting <EOF>` : `token recognition error at: '${character}'`;
}

const SIGNS: Readonly<Record<string, string>> = { RPAREN: "')'", RBRACKET: "']'", RBRACE: "'}'", COLON: "':'" };

function expected(summary: string, found: string): string {
  const wanted = /^Expected (\w+)/.exec(summary)?.[1] ?? '';
  const sign = SIGNS[wanted];
  return sign === undefined ? `mismatched input '${found}' expecting ${wanted}` : `missing ${sign} at '${found}'`;
}
