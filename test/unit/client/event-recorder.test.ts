import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CoreEvent } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient, EventRecorder, InProcessTransport } from '../../../src/client/index.ts';
import { FakeApi } from '../../support/fake-api.ts';

const EVENTS = builtIn('v1', 'events');
const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '7' } };

function fixture() {
  const api = new FakeApi();
  const client = createKubeClient(new InProcessTransport(api, { name: 'tester', groups: [] }));
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const recorder = new EventRecorder({ client, clock, logger: silentLogger, component: 'kubelet', host: 'edge' });
  const events = async () => (await client.list<CoreEvent>(EVENTS, {}, AbortSignal.timeout(60_000))).items;
  return { api, client, clock, recorder, events };
}

test('an event says who saw what happen to whom', async () => {
  const { recorder, events } = fixture();
  recorder.record(POD, 'Normal', 'Started', 'Started container c', { fieldPath: 'spec.containers{c}' });
  await recorder.flush();
  const [event] = await events();
  assert.match(event?.metadata.name ?? '', /^p\.[0-9a-f]{16}$/);
  const { metadata, ...rest } = event!;
  assert.equal(metadata.namespace, 'n');
  assert.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      kind: 'Pod',
      apiVersion: 'v1',
      name: 'p',
      namespace: 'n',
      uid: 'u',
      resourceVersion: '7',
      fieldPath: 'spec.containers{c}',
    },
    type: 'Normal',
    reason: 'Started',
    message: 'Started container c',
    source: { component: 'kubelet', host: 'edge' },
    reportingComponent: 'kubelet',
    reportingInstance: 'edge',
    firstTimestamp: '2026-01-02T03:04:05Z',
    lastTimestamp: '2026-01-02T03:04:05Z',
    count: 1,
  });
});

test('a repetition raises the count; a vanished event begins anew', async () => {
  const { client, clock, recorder, events } = fixture();
  recorder.record(POD, 'Warning', 'BackOff', 'again');
  clock.advance(2000);
  recorder.record({ ...POD, metadata: { ...POD.metadata, resourceVersion: '8' } }, 'Warning', 'BackOff', 'again');
  recorder.record(POD, 'Warning', 'BackOff', 'something else');
  await recorder.flush();
  const [first, second] = await events();
  assert.deepEqual([first?.count, first?.lastTimestamp], [2, '2026-01-02T03:04:07Z']);
  assert.equal(second?.count, 1);
  await client.delete(EVENTS, { namespace: 'n', name: first?.metadata.name ?? '' }, AbortSignal.timeout(60_000));
  recorder.record(POD, 'Warning', 'BackOff', 'again');
  await recorder.flush();
  assert.deepEqual(
    (await events()).map(({ count, message }) => [message, count]),
    [
      ['something else', 1],
      ['again', 1],
    ],
  );
});

test('one object cannot flood: 25 at once, then one in five minutes', async () => {
  const { clock, recorder, events } = fixture();
  for (let n = 0; n < 40; n += 1) recorder.record(POD, 'Warning', 'Failed', `${n}`);
  await recorder.flush();
  assert.equal((await events()).length, 25);
  clock.advance(5 * 60_000);
  recorder.record(POD, 'Warning', 'Failed', 'later');
  recorder.record(POD, 'Warning', 'Failed', 'too soon');
  await recorder.flush();
  assert.equal((await events()).length, 26);
});
