/** Semantic versions: apiserver `pkg/cel/library/semverlib.go` version 1. */
import { traversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { CelError, Opaque } from '../values.ts';

const TYPE = 'kubernetes.Semver';

class SemverValue extends Opaque {
  readonly typeName = TYPE;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  equals(other: Opaque): boolean {
    return other instanceof SemverValue && compare(this, other) === 0;
  }
}

const NUMBER = '(0|[1-9]\\d*)';
const PART = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const FORM = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${PART}(?:\\.${PART})*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
);

function parse(text: string, normalize: boolean): SemverValue | undefined {
  const match = FORM.exec(normalize ? normalized(text) : text);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', prerelease = ''] = match;
  return new SemverValue([BigInt(major), BigInt(minor), BigInt(patch)], prerelease === '' ? [] : prerelease.split('.'));
}

/** Without a `v`, with all three numbers, without leading zeros. */
function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text) ?? [];
  const numbers = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (numbers.length < 3) numbers.push('0');
  return `${numbers.join('.')}${rest}`;
}

function semver(text: string, normalize: boolean): SemverValue {
  const parsed = parse(text, normalize);
  if (parsed === undefined) throw new CelError(`semver parse error: invalid semantic version ${JSON.stringify(text)}`);
  return parsed;
}

function compare(one: SemverValue, other: SemverValue): number {
  for (const [index, left] of one.numbers.entries()) {
    const right = other.numbers[index] ?? 0n;
    if (left !== right) return left < right ? -1 : 1;
  }
  if (one.prerelease.length === 0 || other.prerelease.length === 0) {
    return Math.sign(other.prerelease.length - one.prerelease.length);
  }
  return comparePrereleases(one.prerelease, other.prerelease);
}

function comparePrereleases(one: readonly string[], other: readonly string[]): number {
  for (const [index, left] of one.entries()) {
    const right = other[index];
    if (right === undefined) return 1;
    const order = compareParts(left, right);
    if (order !== 0) return order;
  }
  return one.length === other.length ? 0 : -1;
}

/** Numbers come before names. */
function compareParts(one: string, other: string): number {
  const [left, right] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (left && right) return BigInt(one) === BigInt(other) ? 0 : BigInt(one) < BigInt(other) ? -1 : 1;
  if (left !== right) return left ? -1 : 1;
  return one === other ? 0 : one < other ? -1 : 1;
}

export const semvers: Library = {
  [`semver(string): ${TYPE}`]: [(text: string) => semver(text, false), traversal()],
  [`semver(string, bool): ${TYPE}`]: [semver, traversal()],
  'isSemver(string): bool': [(text: string) => parse(text, false) !== undefined, traversal()],
  'isSemver(string, bool): bool': [
    (text: string, normalize: boolean) => parse(text, normalize) !== undefined,
    traversal(),
  ],
  [`${TYPE}.major(): int`]: ({ numbers }: SemverValue) => numbers[0],
  [`${TYPE}.minor(): int`]: ({ numbers }: SemverValue) => numbers[1],
  [`${TYPE}.patch(): int`]: ({ numbers }: SemverValue) => numbers[2],
  [`${TYPE}.isLessThan(${TYPE}): bool`]: (one: SemverValue, other: SemverValue) => compare(one, other) < 0,
  [`${TYPE}.isGreaterThan(${TYPE}): bool`]: (one: SemverValue, other: SemverValue) => compare(one, other) > 0,
  [`${TYPE}.compareTo(${TYPE}): int`]: (one: SemverValue, other: SemverValue) => BigInt(compare(one, other)),
};
