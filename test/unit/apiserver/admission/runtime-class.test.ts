import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { RuntimeClass } from '../../../../src/apiserver/admission/defaults.ts';

const found: KubeObject = { metadata: { name: 'r' }, scheduling: { nodeSelector: { zone: 'a' } } };
const runtimeClass = new RuntimeClass({ get: async () => found, list: async () => [found] });

async function admit(nodeSelector: Record<string, string>): Promise<unknown> {
  const spec = { containers: [], runtimeClassName: 'r', nodeSelector };
  await runtimeClass.admit({
    operation: 'CREATE',
    resource: builtIn('v1', 'pods'),
    subresource: '',
    namespace: 'default',
    name: 'p',
    object: { spec },
    oldObject: undefined,
    options: {},
    caller: { name: 'admin', groups: [] },
    dryRun: false,
    warn: () => undefined,
  });
  return spec.nodeSelector;
}

test('a pod goes where its runtime is, and may not ask for another place', async () => {
  assert.deepEqual(await admit({ disk: 'ssd' }), { disk: 'ssd', zone: 'a' });
  await assert.rejects(admit({ zone: 'b' }), {
    message:
      'pods "p" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[zone] = a; pod.spec.nodeSelector[zone] = b',
  });
});
