import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../../../src/api/kinds.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { KubeClient } from '../../../src/client/index.ts';
import { StatusPublisher } from '../../../src/edged/pods/status-publisher.ts';

const pod: Pod = { metadata: { namespace: 'default', name: 'web', uid: 'u1', resourceVersion: '1' } };
const signal = new AbortController().signal;

/** An API that takes every patch and keeps only the phase. */
function forgetfulApi(): { client: KubeClient; patches: unknown[] } {
  const patches: unknown[] = [];
  const patch = async (_resource: unknown, _target: unknown, _type: unknown, body: { status: { phase?: string } }) => {
    patches.push(body.status);
    return { ...pod, status: { phase: body.status.phase ?? 'Running' } };
  };
  return { client: { patch } as unknown as KubeClient, patches };
}

test('what the API takes and does not keep is sent once, not for ever', async () => {
  const { client, patches } = forgetfulApi();
  const publisher = new StatusPublisher({ client, clock: systemClock, random: () => 0, logger: silentLogger });
  publisher.publish(pod, { phase: 'Running', hostIP: '192.0.2.1' });
  await publisher.flush('u1', signal);
  assert.deepEqual(patches, [{ phase: 'Running', hostIP: '192.0.2.1' }, { hostIP: '192.0.2.1' }]);
  await publisher.close();
});
