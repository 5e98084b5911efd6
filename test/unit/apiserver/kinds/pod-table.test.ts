import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podTable } from '../../../../src/apiserver/kinds/core/pod-table.ts';
import type { PodDraft } from '../../../../src/apiserver/kinds/models.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const base: PodDraft = {
  metadata: { name: 'p', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    containers: [{ name: 'a' }, { name: 'b' }],
    initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }],
  },
};

function row(status: NonNullable<PodDraft['status']>, deleted = false): unknown[] {
  const metadata = { ...base.metadata, ...(deleted ? { deletionTimestamp: '2026-01-01T00:59:00Z' } : {}) };
  return podTable.cells({ ...base, metadata, status }, NOW).slice(1, 4);
}

test('STATUS, READY and RESTARTS follow the containers', () => {
  const running = { ready: true, restartCount: 0, state: { running: {} } };
  const initDone = { name: 'i', restartCount: 0, state: { terminated: { exitCode: 0 } } };
  const sidecar = { name: 's', started: true, ready: true, restartCount: 0, state: { running: {} } };
  const cases: [NonNullable<PodDraft['status']>, unknown[]][] = [
    [{ phase: 'Pending' }, ['0/3', 'Pending', '0']],
    [{ phase: 'Failed', reason: 'Evicted' }, ['0/3', 'Evicted', '0']],
    [
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'PodInitializing' } } }] },
      ['0/3', 'Init:0/2', '0'],
    ],
    [
      {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'i', restartCount: 2, state: { terminated: { exitCode: 3 } } }],
      },
      ['0/3', 'Init:ExitCode:3', '2'],
    ],
    [
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      ['0/3', 'Init:CrashLoopBackOff', '0'],
    ],
    [
      { phase: 'Running', initContainerStatuses: [initDone, sidecar], containerStatuses: [running, running] },
      ['3/3', 'Running', '0'],
    ],
    [
      {
        phase: 'Running',
        initContainerStatuses: [initDone, sidecar],
        containerStatuses: [
          running,
          {
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
          },
        ],
      },
      ['2/3', 'CrashLoopBackOff', '4 (5m ago)'],
    ],
    [
      {
        phase: 'Running',
        initContainerStatuses: [initDone, sidecar],
        containerStatuses: [running, { state: { terminated: { reason: 'Completed' } } }],
      },
      ['2/3', 'NotReady', '0'],
    ],
  ];
  for (const [status, cells] of cases) assert.deepEqual(row(status), cells);
});

test('a deleted pod terminates, unless it is done or its node is lost', () => {
  assert.equal(row({ phase: 'Running' }, true)[1], 'Terminating');
  assert.equal(row({ phase: 'Succeeded' }, true)[1], 'Succeeded');
  assert.equal(row({ phase: 'Running', reason: 'NodeLost' }, true)[1], 'Unknown');
});
