import { type FieldError, invalid } from '../../../api/field-error.ts';
import type { Schema } from '../../../api/schema.ts';
import { compilePattern } from '../instance/pattern.ts';

export function patternErrors({ pattern }: Schema, path: string): FieldError[] {
  if (pattern === undefined || compilePattern(pattern) !== undefined) return [];
  const why = `must be a valid regular expression, but isn't: error parsing regexp: ${regexpProblem(pattern)}`;
  return [invalid(`${path}.pattern`, pattern, why)];
}

/** The commonest faults as Go's regexp words them. */
function regexpProblem(pattern: string): string {
  const shown = `\`${pattern}\``;
  const opened = (pattern.match(/(?<!\\)\(/g) ?? []).length;
  const closed = (pattern.match(/(?<!\\)\)/g) ?? []).length;
  if (opened > closed) return `missing closing ): ${shown}`;
  if (closed > opened) return `unexpected ): ${shown}`;
  if (/(?<!\\)\[[^\]]*$/.test(pattern)) return `missing closing ]: ${shown}`;
  if (/^[*+?]/.test(pattern)) return `missing argument to repetition operator: \`${pattern.charAt(0)}\``;
  return `invalid or unsupported Perl syntax: ${shown}`;
}
