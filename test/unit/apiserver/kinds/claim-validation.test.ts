import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { checksOf } from './field-errors.ts';

const claims = checksOf('resource.k8s.io/v1', 'resourceclaims');
const templates = checksOf('resource.k8s.io/v1', 'resourceclaimtemplates');
const classes = checksOf('resource.k8s.io/v1', 'deviceclasses');

const wanted = { deviceClassName: 'gpu' };
const opaque = { driver: 'd.example.com', parameters: { a: 1 } };

function claim(devices: object = {}, status: object = {}) {
  const requests = [{ name: 'r', exactly: wanted }];
  return { metadata: { name: 'c', namespace: 'n' }, spec: { devices: { requests, ...devices } }, status };
}

const request = (change: object) => claim({ requests: [{ name: 'r', ...change }] });
const exactly = (change: object) => request({ exactly: { ...wanted, ...change } });
const selects = (expression: string) => exactly({ selectors: [{ cel: { expression } }] });

test('requests of devices say of what class, how many and which', () => {
  const at = 'spec.devices.requests[0]';
  const form = 'exactly one of `exactly` or `firstAvailable` is required';
  const table: [KubeObject, string[]][] = [
    [claim(), []],
    [request({}), [`${at}: Required value: ${form}`]],
    [
      request({ exactly: wanted, firstAvailable: [{ name: 's', ...wanted }] }),
      [`${at}: Invalid value: null: ${form}, but multiple fields are set`],
    ],
    [exactly({ deviceClassName: '' }), [`${at}.exactly.deviceClassName: Required value`]],
    [
      exactly({ allocationMode: 'All', count: 2 }),
      [`${at}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`],
    ],
    [exactly({ count: -1 }), [`${at}.exactly.count: Invalid value: -1: must be greater than zero`]],
    [
      exactly({ allocationMode: 'Some' }),
      [`${at}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`],
    ],
    [exactly({ selectors: [{}] }), [`${at}.exactly.selectors[0].cel: Required value`]],
    [
      exactly({ tolerations: [{ operator: 'Exists', value: 'v' }] }),
      [`${at}.exactly.tolerations[0].value: Invalid value: "v": must be empty for operator \`Exists\``],
    ],
    [selects('device.driver == "d" && device.attributes["d.example.com"].model == "x"'), []],
    [selects('device.capacity["d.example.com"].memory.compareTo(quantity("1Gi")) >= 0'), []],
    [
      claim({
        requests: [
          { name: 'r', exactly: wanted },
          { name: 'r', exactly: wanted },
        ],
      }),
      ['spec.devices.requests[1]: Duplicate value: "r"'],
    ],
    [
      claim({ requests: Array.from({ length: 33 }, (_, n) => ({ name: `r${n}`, exactly: wanted })) }),
      ['spec.devices.requests: Too many: 33: must have at most 32 items'],
    ],
    [
      request({
        firstAvailable: [
          { name: 's', ...wanted },
          { name: 's', ...wanted },
        ],
      }),
      [`${at}.firstAvailable[1]: Duplicate value: "s"`],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(claims.created(object), errors);
  const [unknown] = claims.created(selects('device.colour == "red"'));
  assert.match(unknown ?? '', /selectors\[0\]\.cel\.expression: .*compilation failed: .*undefined field 'colour'/s);
  const [text] = claims.created(selects('device.driver'));
  assert.match(text ?? '', /must evaluate to bool or the unknown type, not string$/);
});

test('constraints and configurations name requests that there are', () => {
  const nobody =
    "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  const constraint = (change: object) => claim({ constraints: [change] });
  const config = (change: object) => claim({ config: [{ opaque, ...change }] });
  const table: [KubeObject, string[]][] = [
    [constraint({ requests: ['r'], matchAttribute: 'd.example.com/model' }), []],
    [
      constraint({ requests: ['x'], matchAttribute: 'd.example.com/model' }),
      [`spec.devices.constraints[0].requests[0]: Invalid value: "x": ${nobody}`],
    ],
    [
      constraint({}),
      [
        'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ],
    ],
    [
      constraint({ matchAttribute: 'model' }),
      [
        'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
      ],
    ],
    [config({ requests: ['r'] }), []],
    [config({ requests: ['r/s'] }), [`spec.devices.config[0].requests[0]: Invalid value: "r/s": ${nobody}`]],
    [config({ opaque: undefined }), ['spec.devices.config[0].opaque: Required value']],
    [
      config({ opaque: { driver: 'd', parameters: [1] } }),
      ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(claims.created(object), errors);
});

test('the specs of claims and templates do not change', () => {
  assert.deepEqual(claims.updated(claim(), claim()), []);
  const shown =
    '{"Devices":{"Requests":[{"Name":"r","Exactly":{"DeviceClassName":"fpga","Selectors":null,"AllocationMode":"ExactCount","Count":1,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}';
  assert.deepEqual(claims.updated(exactly({ deviceClassName: 'fpga' }), claim()), [
    `spec: Invalid value: ${shown}: field is immutable`,
  ]);
  const template = (metadata: object) => ({
    metadata: { name: 't', namespace: 'n' },
    spec: { metadata, spec: claim().spec },
  });
  assert.deepEqual(templates.created(template({})), []);
  assert.equal(templates.created(template({ labels: { 'a/b/c': '' } })).length, 1);
  assert.match(
    templates.updated(template({ labels: { a: 'b' } }), template({}))[0] ?? '',
    /^spec: Invalid value: .*: field is immutable$/,
  );
});

test('the status of a claim tells of devices that were allocated to its requests', () => {
  const result = { request: 'r', driver: 'd', pool: 'p', device: 'x' };
  const device = { driver: 'd', pool: 'p', device: 'x' };
  const allocation = { devices: { results: [result] } };
  const user = { resource: 'pods', name: 'p', uid: 'u' };
  const allocated = (change: object = {}) => ({ allocation: { devices: { results: [{ ...result, ...change }] } } });
  const results = 'status.allocation.devices.results[0]';
  const table: [object, string[]][] = [
    [{ allocation, reservedFor: [user], devices: [device] }, []],
    [{ reservedFor: [user] }, ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set']],
    [{ allocation, reservedFor: [user, user] }, ['status.reservedFor[1]: Duplicate value: "u"']],
    [
      { allocation, reservedFor: [{ uid: 'u' }] },
      ['status.reservedFor[0].resource: Required value', 'status.reservedFor[0].name: Required value'],
    ],
    [
      { allocation, devices: [{ ...device, device: 'y' }] },
      ['status.devices[0]: Invalid value: "d/p/y": must be an allocated device in the claim'],
    ],
    [allocated({ pool: '' }), [`${results}.pool: Required value`]],
    [
      allocated({ request: 'q' }),
      [
        `${results}.request: Invalid value: "q": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'`,
      ],
    ],
    [
      allocated({ bindingConditions: ['a'] }),
      [
        `${results}.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions`,
      ],
    ],
  ];
  for (const [status, errors] of table) assert.deepEqual(claims.updated(claim({}, status), claim(), 'status'), errors);
  const other = claims.updated(claim({}, allocated({ device: 'y' })), claim({}, { allocation }), 'status');
  assert.match(other.join('\n'), /^status\.allocation: Invalid value: .*: field is immutable$/);
});

test('a class of devices has selectors, settings and perhaps a resource name', () => {
  const deviceClass = (spec: object) => ({ metadata: { name: 'gpu' }, spec });
  const table: [KubeObject, string[]][] = [
    [deviceClass({ selectors: [{ cel: { expression: 'device.driver == "d"' } }], config: [{ opaque }] }), []],
    [deviceClass({ extendedResourceName: 'example.com/gpu' }), []],
    [
      deviceClass({ extendedResourceName: 'gpu' }),
      ['spec.extendedResourceName: Invalid value: "gpu": must be a valid extended resource name'],
    ],
    [deviceClass({ config: [{}] }), ['spec.config[0].opaque: Required value']],
  ];
  for (const [object, errors] of table) assert.deepEqual(classes.created(object), errors);
});
