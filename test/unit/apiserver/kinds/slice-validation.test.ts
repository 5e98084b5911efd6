import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { checksOf } from './field-errors.ts';

const slices = checksOf('resource.k8s.io/v1', 'resourceslices');

const POOL = { name: 'p', resourceSliceCount: 1, generation: 1 };

function slice(change: object = {}) {
  return { metadata: { name: 's' }, spec: { driver: 'd.example.com', nodeName: 'n', pool: POOL, ...change } };
}

const device = (change: object) => slice({ devices: [{ name: 'x', ...change }] });
const attribute = (value: object) => device({ attributes: { a: value } });
const shared = (requestPolicy: object) =>
  device({ allowMultipleAllocations: true, capacity: { c: { value: '10', requestPolicy } } });
const devices = (count: number, more: object = {}) =>
  slice({ devices: Array.from({ length: count }, (_, n) => ({ name: `x${n}`, ...more })) });

test('a slice belongs to a driver, a pool and one choice of nodes', () => {
  const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  const table: [KubeObject, string[]][] = [
    [slice(), []],
    [slice({ driver: '' }), ['spec.driver: Required value']],
    [slice({ pool: { ...POOL, name: '' } }), ['spec.pool.name: Required value']],
    [slice({ pool: { name: 'a/b' } }), ['spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero']],
    [
      slice({ pool: { ...POOL, generation: -1 } }),
      ['spec.pool.generation: Invalid value: -1: must be greater than or equal to zero'],
    ],
    [slice({ nodeName: undefined }), [`spec: Required value: ${one}`]],
    [
      slice({ allNodes: true }),
      [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${one}, but multiple fields are set`],
    ],
    [slice({ allNodes: false }), ['spec.allNodes: Invalid value: false: must be either unset or set to true']],
    [
      slice({ devices: [], sharedCounters: [] }),
      ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
    ],
    [slice({ sharedCounters: [{ name: 'c', counters: {} }] }), ['spec.sharedCounters[0].counters: Required value']],
    [devices(128), []],
    [devices(129), ['spec.devices: Too many: 129: must have at most 128 items']],
    [
      devices(65, { taints: [{ key: 'k', effect: 'None' }] }),
      ['spec.devices: Too many: 65: must have at most 64 items'],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(slices.created(object), errors);
});

test('what a slice belongs to does not change', () => {
  assert.deepEqual(slices.updated(slice(), slice()), []);
  const moved = slice({ driver: 'e', nodeName: 'm', pool: { ...POOL, name: 'q' } });
  assert.deepEqual(slices.updated(moved, slice()), [
    'spec.pool.name: Invalid value: "q": field is immutable',
    'spec.driver: Invalid value: "e": field is immutable',
    'spec.nodeName: Invalid value: "m": field is immutable',
  ]);
});

test('a device has named values of one type each', () => {
  const at = 'spec.devices[0]';
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`a${n}`, { int: n }]));
  const table: [KubeObject, string[]][] = [
    [device({ attributes: { a: { string: 's' }, 'd.example.com/b': { version: '1.2.3-rc.1' } } }), []],
    [attribute({}), [`${at}.attributes[a]: Invalid value: "": exactly one value must be specified`]],
    [attribute({ string: 'x'.repeat(65) }), [`${at}.attributes[a].string: Too long: may not be more than 64 bytes`]],
    [
      attribute({ version: '1.2' }),
      [`${at}.attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`],
    ],
    [
      device({ attributes: { 'a/b/c': { int: 1 } } }),
      [`${at}.attributes: Invalid value: "a/b/c": must not contain more than one slash`],
    ],
    [
      device({ attributes: many }),
      [`${at}: Invalid value: 33: the total number of attributes and capacities must not exceed 32`],
    ],
    [device({ taints: [{ key: 'k' }] }), [`${at}.taints[0].effect: Required value`]],
    [
      device({ taints: [{ key: 'k', effect: 'Bad' }] }),
      [`${at}.taints[0].effect: Unsupported value: "Bad": supported values: "NoExecute", "NoSchedule", "None"`],
    ],
    [
      device({ consumesCounters: [{ counterSet: 'c', counters: {} }] }),
      [`${at}.consumesCounters[0].counters: Required value`],
    ],
    [
      device({ nodeName: 'n' }),
      [
        `${at}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
      ],
    ],
    [slice({ devices: [{ name: 'x' }, { name: 'x' }] }), ['spec.devices[1]: Duplicate value: "x"']],
  ];
  for (const [object, errors] of table) assert.deepEqual(slices.created(object), errors);
});

test('a capacity that is shared says what may be asked of it', () => {
  const at = 'spec.devices[0].capacity[c].requestPolicy';
  const table: [KubeObject, string[]][] = [
    [shared({ default: '2', validValues: ['1', '2'] }), []],
    [shared({ default: '3', validRange: { min: '1', max: '9', step: '2' } }), []],
    [
      device({ capacity: { c: { value: '1', requestPolicy: {} } } }),
      [`${at}: Forbidden: allowMultipleAllocations must be true`],
    ],
    [shared({ validValues: ['1'] }), [`${at}.default: Required value: required when validValues is defined`]],
    [
      shared({ default: '1', validValues: ['2', '1'] }),
      [`${at}.validValues[1]: Invalid value: "1": values must be sorted in ascending order`],
    ],
    [
      shared({ default: '5', validValues: ['1', '20'] }),
      [
        `${at}.validValues[1]: Invalid value: "20": option is larger than capacity value: 10`,
        `${at}.validValues: Invalid value: "5": default value is not valid according to the requestPolicy`,
      ],
    ],
    [
      shared({ default: '1', validRange: { min: '2' } }),
      [`${at}.validRange.default: Invalid value: "1": default is less than min: 2`],
    ],
    [
      shared({ default: '4', validRange: { min: '1', step: '2' } }),
      [`${at}.validRange.step: Invalid value: "4": value is not a multiple of a given step (2) from (1)`],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(slices.created(object), errors);
});
