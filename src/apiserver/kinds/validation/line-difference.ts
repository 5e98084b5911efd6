/**
 * The unified difference of two texts by lines, as Python's difflib makes it and Go's port of it: upstream shows it in
 * messages. Source of the behaviour: Python `Lib/difflib.py`, SequenceMatcher and unified_diff.
 */
const CONTEXT_LINES = 3;
/** Lines that stand often in a long text mark no place in it. */
const LONG_TEXT_LINES = 200;
const LINES_FOR_EACH_REPEAT = 100;

/** So many lines from `from` in the one text are those from `at` in the other. */
interface Match {
  readonly from: number;
  readonly at: number;
  readonly size: number;
}

/** What becomes of the lines from `from` to `fromEnd`: those from `at` to `atEnd`. */
interface Step {
  readonly same: boolean;
  readonly from: number;
  readonly fromEnd: number;
  readonly at: number;
  readonly atEnd: number;
}

/** Empty when nothing differs; otherwise every line ends with a line feed. */
export function lineDifference(before: readonly string[], after: readonly string[]): string {
  return hunks(steps(before, after))
    .map((hunk) => hunkText(hunk, before, after))
    .join('');
}

function steps(before: readonly string[], after: readonly string[]): Step[] {
  const found: Step[] = [];
  let [i, j] = [0, 0];
  for (const { from, at, size } of [...matches(before, after), { from: before.length, at: after.length, size: 0 }]) {
    if (i < from || j < at) found.push({ same: false, from: i, fromEnd: from, at: j, atEnd: at });
    [i, j] = [from + size, at + size];
    if (size > 0) found.push({ same: true, from, fromEnd: i, at, atEnd: j });
  }
  return found;
}

/** The longest match, then the longest ones before and after it, and so on. */
function matches(before: readonly string[], after: readonly string[]): Match[] {
  const places = placesOf(after);
  const found: Match[] = [];
  const open: [low: number, high: number, atLow: number, atHigh: number][] = [[0, before.length, 0, after.length]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [low, high, atLow, atHigh] = range;
    const match = grown(longest(before, places, range), before, after, range);
    if (match.size === 0) continue;
    found.push(match);
    if (low < match.from && atLow < match.at) open.push([low, match.from, atLow, match.at]);
    const [end, atEnd] = [match.from + match.size, match.at + match.size];
    if (end < high && atEnd < atHigh) open.push([end, high, atEnd, atHigh]);
  }
  return joined(found.sort((one, other) => one.from - other.from));
}

/** Matches without anything between them are one. */
function joined(sorted: readonly Match[]): Match[] {
  const found: Match[] = [];
  for (const match of sorted) {
    const last = found.at(-1);
    const adjoins = last !== undefined && last.from + last.size === match.from && last.at + last.size === match.at;
    if (adjoins) found[found.length - 1] = { ...last, size: last.size + match.size };
    else found.push(match);
  }
  return found;
}

function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) places.set(line, [...(places.get(line) ?? []), index]);
  if (lines.length < LONG_TEXT_LINES) return places;
  const most = Math.floor(lines.length / LINES_FOR_EACH_REPEAT) + 1;
  return new Map([...places].filter(([, found]) => found.length <= most));
}

type Range = readonly [low: number, high: number, atLow: number, atHigh: number];

function longest(before: readonly string[], places: ReadonlyMap<string, readonly number[]>, range: Range): Match {
  const [low, high, atLow, atHigh] = range;
  let best: Match = { from: low, at: atLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = low; i < high; i += 1) {
    const next = new Map<number, number>();
    for (const j of places.get(before[i] ?? '') ?? []) {
      if (j < atLow) continue;
      if (j >= atHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { from: i - size + 1, at: j - size + 1, size };
    }
    lengths = next;
  }
  return best;
}

/** Lines that mark no place still belong to a match beside them. */
function grown(match: Match, before: readonly string[], after: readonly string[], range: Range): Match {
  const [low, high, atLow, atHigh] = range;
  let { from, at, size } = match;
  while (from > low && at > atLow && before[from - 1] === after[at - 1])
    [from, at, size] = [from - 1, at - 1, size + 1];
  while (from + size < high && at + size < atHigh && before[from + size] === after[at + size]) size += 1;
  return { from, at, size };
}

/** Changes with the lines around them; those that stand near one another go together. */
function hunks(all: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  let group: Step[] = [];
  for (const [index, step] of all.entries()) {
    const first = index === 0;
    const last = index === all.length - 1;
    const { from, fromEnd, at, atEnd, same } = step;
    if (!same) group.push(step);
    else if (first)
      group.push({ ...step, from: Math.max(from, fromEnd - CONTEXT_LINES), at: Math.max(at, atEnd - CONTEXT_LINES) });
    else {
      const far = fromEnd - from > 2 * CONTEXT_LINES;
      const end = { fromEnd: Math.min(fromEnd, from + CONTEXT_LINES), atEnd: Math.min(atEnd, at + CONTEXT_LINES) };
      group.push(last || far ? { ...step, ...end } : step);
      if (!last && far) {
        groups.push(group);
        group = [{ ...step, from: fromEnd - CONTEXT_LINES, at: atEnd - CONTEXT_LINES }];
      }
    }
  }
  return [...groups, group].filter((each) => each.some(({ same }) => !same));
}

function hunkText(hunk: readonly Step[], before: readonly string[], after: readonly string[]): string {
  const [first, last] = [hunk[0], hunk.at(-1)];
  if (first === undefined || last === undefined) return '';
  const lines = hunk.flatMap(({ same, from, fromEnd, at, atEnd }) =>
    same
      ? before.slice(from, fromEnd).map((line) => ` ${line}`)
      : [...before.slice(from, fromEnd).map((line) => `-${line}`), ...after.slice(at, atEnd).map((line) => `+${line}`)],
  );
  const head = `@@ -${rangeText(first.from, last.fromEnd)} +${rangeText(first.at, last.atEnd)} @@`;
  return [head, ...lines].map((line) => `${line}\n`).join('');
}

function rangeText(start: number, end: number): string {
  const count = end - start;
  if (count === 1) return String(start + 1);
  return `${count === 0 ? start : start + 1},${count}`;
}
