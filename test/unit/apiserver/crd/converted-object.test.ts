import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../../src/api/json.ts';
import { acceptedObject, placeInList, SINGLE } from '../../../../src/apiserver/crd/conversion/converted-object.ts';

const metadata = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7', labels: { old: 'yes' } };
const original = { apiVersion: 'example.com/v1', kind: 'Thing', metadata, size: 1 };
const good = { apiVersion: 'example.com/v2', kind: 'Thing', metadata, length: 1 };

function accept(converted: JsonValue, place = SINGLE) {
  return acceptedObject(original, converted, 'example.com/v2', place);
}

test('a converted object keeps the metadata of the original, but for labels and annotations', () => {
  const changed = { ...metadata, resourceVersion: '8', labels: { new: 'yes' }, annotations: { note: 'x' } };
  const { metadata: kept, ...rest } = accept({ ...good, metadata: changed });
  assert.deepEqual(kept, { ...metadata, labels: { new: 'yes' }, annotations: { note: 'x' } });
  assert.deepEqual(rest, { apiVersion: 'example.com/v2', kind: 'Thing', length: 1 });
  const { labels: _labels, ...without } = metadata;
  assert.deepEqual(accept({ ...good, metadata: without }).metadata, without);
});

test('what a converter may not do is refused in the words of upstream', () => {
  const rows: [converted: JsonValue, message: string][] = [
    [
      { ...good, apiVersion: 'example.com/v1' },
      'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v1)',
    ],
    [{ ...good, kind: 'Other' }, 'returned invalid object at index 0: invalid kind (expected Thing, received Other)'],
    [{ ...good, metadata: { ...metadata, name: 'b' } }, 'returned invalid object: must have the same name: a != b'],
    [
      { ...good, metadata: { ...metadata, namespace: 'm' } },
      'returned invalid object: must have the same namespace: n != m',
    ],
    [{ ...good, metadata: { ...metadata, uid: 'v' } }, 'returned invalid object: must have the same UID: u != v'],
    [
      { ...good, metadata: { ...metadata, labels: { a: 1 } } },
      'returned invalid metadata: metadata.labels[a] must be a string, but is number in converted object',
    ],
    [
      { ...good, metadata: { ...metadata, annotations: 'x' } },
      'returned invalid metadata: invalid metadata.annotations of type string in converted object',
    ],
    [null, 'returned invalid object: it is no object'],
  ];
  for (const [converted, message] of rows) assert.throws(() => accept(converted), { message });
  const bad = { ...good, metadata: { ...metadata, labels: { 'no label': 'x' } } };
  assert.throws(() => accept(bad, placeInList(3)), {
    message: /^returned invalid metadata in object at index 3: metadata\.labels: Invalid value: "no label"/,
  });
});
