import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import type { AdmissionRequest } from '../../../../src/apiserver/admission/admission.ts';
import { DefaultTolerationSeconds } from '../../../../src/apiserver/admission/default-toleration-seconds.ts';
import { Priority } from '../../../../src/apiserver/admission/priority.ts';

const classes: KubeObject[] = [{ metadata: { name: 'high' }, value: 7, globalDefault: true }];
const priority = new Priority({
  get: async (_plural, _namespace, name) => classes.find(({ metadata }) => metadata?.name === name),
  list: async () => classes,
});

function request(object: KubeObject, oldObject?: KubeObject): AdmissionRequest {
  return {
    operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
    resource: builtIn('v1', 'pods'),
    subresource: '',
    namespace: 'default',
    name: 'p',
    object,
    oldObject,
    options: {},
    caller: { name: 'admin', groups: [] },
    dryRun: false,
    warn: () => undefined,
  };
}

test('a new pod takes the priority of the default class', async () => {
  const pod = { spec: { containers: [] } };
  await priority.admit(request(pod));
  assert.deepEqual(pod.spec, {
    containers: [],
    priorityClassName: 'high',
    priority: 7,
    preemptionPolicy: 'PreemptLowerPriority',
  });
});

test('a number of its own is refused', async () => {
  await assert.rejects(priority.admit(request({ spec: { containers: [], priority: 3 } })), { reason: 'Forbidden' });
});

test('an update that leaves priority and tolerations out keeps them', async () => {
  const before = { spec: { containers: [], priority: 3, preemptionPolicy: 'Never' } };
  const pod: KubeObject = { spec: { containers: [] } };
  await priority.admit(request(pod, before));
  new DefaultTolerationSeconds().admit(request(pod, before));
  const { tolerations, ...rest } = pod.spec as { tolerations: { key: string }[] };
  assert.deepEqual(rest, { containers: [], priority: 3, preemptionPolicy: 'Never' });
  assert.deepEqual(
    tolerations.map(({ key }) => key),
    ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'],
  );
});

test('there is one default class, and those of the system stay', async () => {
  const about = (operation: 'CREATE' | 'UPDATE' | 'DELETE', name: string): AdmissionRequest => ({
    ...request({ metadata: { name }, globalDefault: true }),
    operation,
    resource: builtIn('scheduling.k8s.io/v1', 'priorityclasses'),
    name,
  });
  await priority.validate(about('UPDATE', 'high'));
  await priority.validate(about('DELETE', 'high'));
  const second =
    'priorityclasses.scheduling.k8s.io "low" is forbidden: PriorityClass high is already marked as default. Only one default can exist';
  await assert.rejects(priority.validate(about('CREATE', 'low')), { message: second });
  await assert.rejects(priority.validate(about('UPDATE', 'low')), { message: second });
  await assert.rejects(priority.validate(about('DELETE', 'system-node-critical')), {
    message: /is forbidden: this is a system priority class and cannot be deleted$/,
  });
});
