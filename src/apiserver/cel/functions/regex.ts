/** Searching with regular expressions: apiserver `pkg/cel/library/regex.go`. */
import { regexp } from '../cost.ts';
import type { Library } from '../overload.ts';
import { compileRegexp } from '../regexp.ts';

export const regex: Library = {
  'string.find(string): string': [(text: string, pattern: string) => compileRegexp(pattern).find(text) ?? '', regexp],
  'string.findAll(string): list<string>': [
    (text: string, pattern: string) => compileRegexp(pattern).findAll(text, Number.POSITIVE_INFINITY),
    regexp,
  ],
  'string.findAll(string, int): list<string>': [
    (text: string, pattern: string, most: bigint) =>
      compileRegexp(pattern).findAll(text, most < 0n ? Number.POSITIVE_INFINITY : Number(most)),
    regexp,
  ],
};
