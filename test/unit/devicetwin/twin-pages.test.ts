import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryQuery } from '../../../src/devicetwin/index.ts';
import { type Device, TwinPages } from '../../../src/devicetwin/index.ts';

const asked: [string, string, HistoryQuery][] = [];
const at = Date.parse('2026-01-01T00:00:00.500Z');
const value = (text: string) => ({ value: text, metadata: { timestamp: 1 } });
const property = (type: string, text: string) => ({ actual: value(text), optional: false, metadata: { type } });
const device: Device = {
  id: 'default/hall',
  name: 'hall',
  twin: {
    temp: property('int', '19'),
    open: property('boolean', 'true'),
    name: property('string', 'x'),
    own: property('int', '1'),
  },
  declared: {
    temp: { type: 'int', measured: true, settledEdge: 0 },
    open: { type: 'boolean', measured: true, settledEdge: 0 },
    name: { type: 'string', measured: true, settledEdge: 0 },
    own: { type: 'int', settledEdge: 0 },
  },
};
const pages = new TwinPages({
  devices: () => [device],
  history: (id, name, query) => {
    asked.push([id, name, query]);
    return name === 'none' ? undefined : { samples: [{ at, value: '19' }], next: 7 };
  },
});

function read(target: string): { status: number; body: unknown } | undefined {
  const [path = '', search] = target.split('?');
  const answer = pages.page(path, new URLSearchParams(search));
  if (answer === undefined) return undefined;
  assert.ok(answer.body instanceof Uint8Array);
  return { status: answer.status, body: JSON.parse(Buffer.from(answer.body).toString()) };
}

test('the history of a property comes in pages', () => {
  const query = 'limit=1&continue=6&since=2026-01-01T00:00:00Z&until=1767225601000';
  assert.deepEqual(read(`/devices/default/hall/history/temp?${query}`), {
    status: 200,
    body: {
      kind: 'PropertyHistory',
      device: 'default/hall',
      property: 'temp',
      metadata: { continue: '7' },
      items: [{ timestamp: '2026-01-01T00:00:00.500Z', value: '19' }],
    },
  });
  read('/devices/old-style/history/a%2Fb');
  read('/devices/default/history/history/history?limit=999999');
  assert.deepEqual(asked, [
    [
      'default/hall',
      'temp',
      { limit: 1, after: 6, since: Date.parse('2026-01-01T00:00:00Z'), until: 1_767_225_601_000 },
    ],
    ['old-style', 'a/b', { limit: 500 }],
    ['default/history', 'history', { limit: 5000 }],
  ]);
});

test('what is not there or not understood is said', () => {
  assert.equal(read('/pods'), undefined);
  assert.equal(read('/devices/default/hall/temp'), undefined);
  assert.throws(() => read('/devices/default/hall/history/none'), /has reported no property none/);
  for (const query of ['limit=0', 'limit=x', 'continue=1.5', 'since=yesterday']) {
    assert.throws(() => read(`/devices/default/hall/history/temp?${query}`), { reason: 'BadRequest' });
  }
});

test('numbers that are asked for are measurements', () => {
  const lines = pages.metrics().trim().split('\n');
  assert.deepEqual(lines.slice(2), [
    'edgesite_device_property{device="default/hall",property="temp"} 19',
    'edgesite_device_property{device="default/hall",property="open"} 1',
  ]);
  assert.equal(new TwinPages({ devices: () => [], history: () => undefined }).metrics(), '');
});
