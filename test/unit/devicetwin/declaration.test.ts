import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyDeclaration, type Declaration, unsettled } from '../../../src/devicetwin/declaration.ts';
import type { Device } from '../../../src/devicetwin/twin.ts';
import { applyUpdate } from '../../../src/devicetwin/twin-update.ts';

const rule = { type: 'int', maximum: '40' };

function declaration(desired?: string, at = 0, changes: object = {}): Declaration {
  const temp = { ...rule, ...(desired === undefined ? {} : { desired: { value: desired, at } }), ...changes };
  return { id: 'default/a', name: 'a', properties: { temp } };
}

function declare(device: Device | undefined, desired?: string, at?: number): Device {
  return applyDeclaration(device, declaration(desired, at), at ?? 0).device;
}

function atEdge(device: Device, value: string, at: number): Device {
  return { ...device, twin: applyUpdate(device.twin, { temp: { expected: { value } } }, at, device.declared).twin };
}

const expected = (device: Device): string | undefined => device.twin['temp']?.expected?.value;

test('a desired value becomes the expected one, and a second look changes nothing', () => {
  const { device, changed } = applyDeclaration(undefined, declaration('20', 5), 5);
  assert.deepEqual([expected(device), changed], ['20', true]);
  assert.deepEqual(device.twin['temp']?.expectedVersion, { cloud: 1, edge: 0 });
  assert.equal(applyDeclaration(device, declaration('20', 5), 9).changed, false);
  assert.equal(expected(declare(device, undefined, 6)), undefined, 'what is taken away is gone');
});

test('what was set at the edge is written back once, and the answer to it is no news', () => {
  const device = atEdge(declare(undefined, '20', 1), '25', 2);
  assert.deepEqual(Object.keys(unsettled(device)), ['temp']);
  const looked = declare(device, '20', 3);
  assert.equal(expected(looked), '25', 'an unchanged declaration does not take it back');
  assert.deepEqual(Object.keys(unsettled(looked)), ['temp']);
  const written = applyDeclaration(looked, declaration('25', 4), 4);
  assert.deepEqual([unsettled(written.device), written.document], [{}, {}]);
});

test('of two writes that did not know of each other the later one wins', () => {
  const atBoth = (edgeAt: number, desiredAt: number) =>
    declare(atEdge(declare(undefined, '20', 1), '25', edgeAt), '30', desiredAt);
  const edgeLater = atBoth(5, 4);
  assert.equal(expected(edgeLater), '25');
  assert.deepEqual(Object.keys(unsettled(edgeLater)), ['temp']);
  const desiredLater = atBoth(5, 6);
  assert.equal(expected(desiredLater), '30');
  assert.deepEqual(unsettled(desiredLater), {});
});

test('a desired value that the model does not allow is refused once, and taken when the model allows it', () => {
  const before = declare(undefined, '20', 1);
  const { device, refused } = applyDeclaration(before, declaration('50', 2), 2);
  assert.deepEqual([expected(device), refused], ['20', { temp: 'the value 50 is more than the maximum 40' }]);
  const again = applyDeclaration(device, declaration('50', 2), 3);
  assert.deepEqual([again.changed, again.refused], [false, {}]);
  assert.deepEqual(unsettled(device), {}, 'what the device keeps is not written over the desired value');
  const allowed = applyDeclaration(device, declaration('50', 2, { maximum: '60' }), 4);
  assert.equal(expected(allowed.device), '50');
});

test('a property that is no longer declared leaves the twin; a device that introduced itself keeps what it had', () => {
  const device = declare(undefined, '20', 1);
  const none = applyDeclaration(device, { id: 'default/a', name: 'a', properties: {} }, 2);
  assert.deepEqual([none.device.twin, none.document['temp']?.current], [{}, null]);
  const { twin } = applyUpdate(
    {},
    { temp: { actual: { value: '1' }, expected: { value: '2' } }, own: { actual: { value: 'x' } } },
    1,
  );
  const adopted = declare({ id: 'default/a', name: 'a', twin }, undefined, 2);
  assert.deepEqual(Object.keys(adopted.twin), ['own', 'temp']);
  assert.deepEqual(Object.keys(unsettled(adopted)), ['temp'], 'the edge had wanted something already');
});

type Step = { readonly side: 'edge' | 'object'; readonly value: string };
const step = fc.record({
  side: fc.constantFrom<Step['side']>('edge', 'object'),
  value: fc.constantFrom('1', '2', '3'),
});

test('whatever is set on whichever side, both sides end with the value of the last write', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 20 }),
      fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
      (steps, synced) => {
        let object = '0';
        let objectAt = 0;
        let device = declare(undefined, object, 0);
        const sync = (now: number): void => {
          device = applyDeclaration(device, declaration(object, objectAt), now).device;
          const pending = unsettled(device)['temp']?.expected;
          if (pending === undefined) return;
          [object, objectAt] = [pending.value, now];
          device = applyDeclaration(device, declaration(object, objectAt), now).device;
        };
        for (const [index, { side, value }] of steps.entries()) {
          const now = (index + 1) * 10;
          if (side === 'edge') device = atEdge(device, value, now);
          else if (object !== value) [object, objectAt] = [value, now];
          else continue;
          if (synced[index] === true) sync(now + 1);
        }
        sync(1000);
        const writes = steps.filter(({ side }) => side === 'edge').length;
        assert.equal(object, expected(device));
        assert.deepEqual(unsettled(device), {});
        if (writes === steps.length) assert.equal(object, steps.at(-1)?.value);
      },
    ),
  );
});

test('a property whose name no device can say is refused, and the others are declared', () => {
  const properties = Object.fromEntries([
    ['__proto__', rule],
    ['room temperature', rule],
    ['temp', rule],
  ]);
  const declared = { id: 'default/a', name: 'a', properties };
  const { device, refused } = applyDeclaration(undefined, declared, 1);
  assert.deepEqual(Object.keys(device.twin), ['temp']);
  assert.deepEqual(Object.keys(refused), ['__proto__', 'room temperature']);
  assert.match(refused['room temperature'] ?? '', /^The key of twin must only include/);
  assert.equal(applyDeclaration(device, declared, 2).changed, false);
});
