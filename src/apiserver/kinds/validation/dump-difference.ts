import { goDump } from './go-dump.ts';
import { lineDifference } from './line-difference.ts';

/** How two wire values of a type differ, as upstream shows it: by the lines of Go's JSON of them. Empty where equal. */
export function dumpDifference(before: unknown, after: unknown, type: string): string {
  return lineDifference(linesOf(goDump(before, type)), linesOf(goDump(after, type)));
}

const ESCAPED = /[<>&\u2028\u2029]/g;

function linesOf(value: unknown): string[] {
  return JSON.stringify(value, undefined, 1)
    .replace(ESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .split('\n');
}
