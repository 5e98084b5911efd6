import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { covers, overlap } from '../../../src/mqtt/access/filter-sets.ts';
import { topicMatches } from '../../../src/mqtt/topic.ts';

const topic = fc
  .array(fc.constantFrom('a', 'b', '$s', ''), { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '$s', '', '+'), { maxLength: 3 }), fc.constantFrom('#', 'a', '+', 'b'))
  .map(([levels, last]) => [...levels, last].join('/'));

/** All topics of up to five levels: enough to tell any two of the filters above apart. */
const TOPICS = topicsOf(['a', 'b', '$s', '', 'other'], 5);

function topicsOf(levels: readonly string[], depth: number): string[] {
  if (depth === 0) return [];
  return levels.flatMap((first) => [first, ...topicsOf(levels, depth - 1).map((rest) => `${first}/${rest}`)]);
}

const selected = new Map<string, ReadonlySet<string>>();

/** The topics that a filter selects. */
function selectedBy(name: string): ReadonlySet<string> {
  const known = selected.get(name) ?? new Set(TOPICS.filter((each) => topicMatches(name, each)));
  selected.set(name, known);
  return known;
}

test('a pattern covers a filter exactly when it selects all of its topics', () => {
  fc.assert(
    fc.property(filter, filter, (pattern, other) => {
      const wanted = selectedBy(pattern);
      const all = [...selectedBy(other)].every((each) => wanted.has(each));
      assert.equal(covers(pattern, other), all, `${pattern} covers ${other}`);
    }),
    { numRuns: 300 },
  );
});

test('the filter of all topics has two forms', () => {
  assert.ok(covers('+/#', '#') && covers('#', '+/#'));
  assert.ok(!covers('a/+/#', 'a/#') && !covers('+/+/#', '+/#'));
});

test('two filters overlap exactly when there is a topic that both select', () => {
  fc.assert(
    fc.property(filter, filter, (one, other) => {
      const wanted = selectedBy(one);
      const common = [...selectedBy(other)].some((each) => wanted.has(each));
      assert.equal(overlap(one, other), common, `${one} and ${other}`);
    }),
    { numRuns: 300 },
  );
});

test('a topic is covered as it is selected', () => {
  fc.assert(fc.property(filter, topic, (pattern, name) => covers(pattern, name) === topicMatches(pattern, name)));
});
