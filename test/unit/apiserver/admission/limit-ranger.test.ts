import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import type { AdmissionRequest } from '../../../../src/apiserver/admission/admission.ts';
import { LimitRanger } from '../../../../src/apiserver/admission/limit-ranger.ts';

function plugin(limits: object[]): LimitRanger {
  return new LimitRanger({
    get: async () => undefined,
    list: async (plural) => (plural === 'limitranges' ? [{ metadata: { name: 'l' }, spec: { limits } }] : []),
  });
}

function creating(plural: string, object: KubeObject): AdmissionRequest {
  return {
    operation: 'CREATE',
    resource: builtIn('v1', plural),
    subresource: '',
    namespace: 'default',
    name: 'p',
    object,
    oldObject: undefined,
    options: {},
    caller: { name: 'admin', groups: [] },
    dryRun: false,
    warn: () => undefined,
  };
}

function podOf(resources?: object): KubeObject {
  return {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', ...(resources === undefined ? {} : { resources }) }] },
  };
}

test('containers get what they did not ask for, and a note of it', async () => {
  const pod = podOf({ requests: { cpu: '50m' } });
  const limits = [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m', memory: '64Mi' } }];
  await plugin(limits).admit(creating('pods', pod));
  assert.deepEqual(pod, {
    metadata: {
      name: 'p',
      annotations: {
        'kubernetes.io/limit-ranger':
          'LimitRanger plugin set: memory request for container c; cpu limit for container c',
      },
    },
    spec: {
      containers: [{ name: 'c', resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1' } } }],
    },
  });
});

const CASES: readonly (readonly [string, object, object | undefined, string])[] = [
  [
    'too little',
    { type: 'Container', min: { cpu: '100m' } },
    { requests: { cpu: '50m' } },
    'minimum cpu usage per Container is 100m, but request is 50m',
  ],
  [
    'nothing said where there is a minimum',
    { type: 'Container', min: { cpu: '100m' } },
    undefined,
    'minimum cpu usage per Container is 100m.  No request is specified',
  ],
  [
    'too much',
    { type: 'Container', max: { memory: '1Gi' } },
    { limits: { memory: '2Gi' } },
    'maximum memory usage per Container is 1Gi, but limit is 2Gi',
  ],
  [
    'too much of a whole pod, and no bound at all',
    { type: 'Pod', max: { cpu: '1', memory: '1Gi' } },
    { limits: { cpu: '2' } },
    '[maximum cpu usage per Pod is 1, but limit is 2, maximum memory usage per Pod is 1Gi.  No limit is specified]',
  ],
  [
    'too wide a range',
    { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    { requests: { cpu: '100m' }, limits: { cpu: '300m' } },
    'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
  ],
];

for (const [what, limit, resources, why] of CASES) {
  test(`refuses ${what}`, async () => {
    const message = `pods "p" is forbidden: ${why}`;
    await assert.rejects(plugin([limit]).validate(creating('pods', podOf(resources))), {
      reason: 'Forbidden',
      message,
    });
  });
}

test('claims keep within bounds', async () => {
  const limits = [{ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '2Gi' } }];
  const claim = (storage: string): AdmissionRequest =>
    creating('persistentvolumeclaims', { metadata: {}, spec: { resources: { requests: { storage } } } });
  await plugin(limits).validate(claim('2Gi'));
  await assert.rejects(plugin(limits).validate(claim('3Gi')), {
    message:
      'persistentvolumeclaims "p" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
  });
});
