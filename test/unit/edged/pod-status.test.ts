import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, Pod, PodStatus } from '../../../src/api/kinds.ts';
import type { PodAction } from '../../../src/edged/pods/pod-action.ts';
import type { PodWorld, Problem } from '../../../src/edged/pods/pod-world.ts';
import { statusOf } from '../../../src/edged/pods/pod-status.ts';
import {
  container,
  deleted,
  exited,
  NOW,
  podOf,
  runningSince,
  sandbox,
  seen,
  UID,
  worldOf,
} from '../../support/pods.ts';

const HOST = ['192.168.1.10'];
const startMain: PodAction = {
  kind: 'startContainer',
  target: 'container:main',
  container: { name: 'main', role: 'app', spec: container('main') },
  attempt: 1,
  sandboxId: 'sandbox-0',
};
const up = { sandboxes: [sandbox()], containers: [] };

function status(pod: Pod, world: Partial<PodWorld>, now = NOW): PodStatus {
  return statusOf(pod, worldOf(world), HOST, now);
}

function main(status: PodStatus): ContainerStatus {
  const found = status.containerStatuses?.find(({ name }) => name === 'main');
  assert.ok(found);
  return found;
}

function conditions(status: PodStatus): Record<string, string> {
  return Object.fromEntries(
    (status.conditions ?? []).map(({ type, status, reason }) => [
      type,
      reason === undefined ? status : `${status} ${reason}`,
    ]),
  );
}

test('a new pod is Pending and says what it waits for', () => {
  const result = status(podOf(), {});
  assert.equal(result.phase, 'Pending');
  assert.deepEqual(main(result).state, { waiting: { reason: 'ContainerCreating' } });
  assert.equal(result.startTime, '2026-11-21T12:00:00Z');
  assert.equal(result.qosClass, 'BestEffort');
  assert.equal(result.hostIP, '192.168.1.10');
  assert.deepEqual(conditions(result), {
    PodReadyToStartContainers: 'False',
    Initialized: 'True',
    Ready: 'False ContainersNotReady',
    ContainersReady: 'False ContainersNotReady',
    PodScheduled: 'True',
  });
  const ready = result.conditions?.find(({ type }) => type === 'Ready');
  assert.equal(ready?.message, 'containers with unready status: [main]');
});

test('a running pod is Ready, with its address', () => {
  const result = status(podOf(), { observed: { ...up, containers: [seen('main', runningSince())] } });
  assert.equal(result.phase, 'Running');
  assert.deepEqual([result.podIP, result.podIPs], ['10.1.0.2', [{ ip: '10.1.0.2' }]]);
  const { state, ready, started, restartCount, containerID, imageID, lastState } = main(result);
  assert.deepEqual(state, { running: { startedAt: '2026-11-21T12:00:00Z' } });
  assert.deepEqual([ready, started, restartCount, lastState], [true, true, 0, {}]);
  assert.deepEqual([containerID, imageID], ['docker://main-0', 'docker://sha256:1']);
  assert.deepEqual(conditions(result), {
    PodReadyToStartContainers: 'True',
    Initialized: 'True',
    Ready: 'True',
    ContainersReady: 'True',
    PodScheduled: 'True',
  });
});

test('on the host network the pod has the addresses of the node', () => {
  assert.equal(status(podOf({ hostNetwork: true }), { observed: up }).podIP, '192.168.1.10');
});

test('a condition keeps its date until it changes', () => {
  const running = { observed: { ...up, containers: [seen('main', runningSince())] } };
  const first = status(podOf(), running);
  const later = status({ ...podOf(), status: first }, running, NOW + 60_000);
  assert.deepEqual(later.conditions, first.conditions);
  const ended = { observed: { ...up, containers: [seen('main', exited(1, NOW + 90_000))] } };
  const last = status({ ...podOf(), status: later }, ended, NOW + 90_000);
  const dates = Object.fromEntries(
    (last.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
  );
  assert.equal(dates['Ready'], '2026-11-21T12:01:30Z');
  assert.equal(dates['Initialized'], '2026-11-21T12:00:00Z');
});

test('a container in back-off waits in CrashLoopBackOff, its end in lastState', () => {
  const result = status(podOf(), {
    observed: { ...up, containers: [seen('main', exited(3), { attempt: 2 })] },
    crashes: new Map([['main', { delayMs: 80_000, since: NOW - 1000 }]]),
  });
  const { state, lastState, restartCount, ready } = main(result);
  const message = `back-off 1m20s restarting failed container=main pod=web_default(${UID})`;
  assert.deepEqual(state, { waiting: { reason: 'CrashLoopBackOff', message } });
  assert.equal(lastState?.terminated?.exitCode, 3);
  assert.deepEqual([restartCount, ready, result.phase], [2, false, 'Running']);
});

test('a container whose restart is under way does not wait for the back-off after it', () => {
  const { state } = main(
    status(podOf(), {
      observed: { ...up, containers: [seen('main', exited(3))] },
      crashes: new Map([['main', { delayMs: 10_000, since: NOW }]]),
      inFlight: new Map([['container:main', startMain]]),
    }),
  );
  assert.equal(state?.terminated?.exitCode, 3);
});

test('a container is not said to run before its postStart hook has ended', () => {
  const lifecycle = { postStart: { exec: { command: ['true'] } } };
  const pod = podOf({ containers: [container('main', { lifecycle })] });
  const observed = { ...up, containers: [seen('main', runningSince())] };
  const inFlight = new Map([['container:main' as const, { ...startMain, attempt: 0 }]]);
  const during = main(status(pod, { observed, inFlight }));
  assert.deepEqual([during.state?.waiting?.reason, during.ready, during.started], ['ContainerCreating', false, false]);
  const after = main(status(pod, { observed }));
  assert.deepEqual([after.state?.waiting, after.ready, after.started], [undefined, true, true]);
});

test('a restarted container tells of its last end', () => {
  const containers = [seen('main', runningSince(), { attempt: 1 }), seen('main', exited(3))];
  const { state, lastState } = main(status(podOf(), { observed: { ...up, containers } }));
  assert.ok(state?.running);
  assert.deepEqual(lastState?.terminated, {
    exitCode: 3,
    reason: 'Error',
    startedAt: '2026-11-21T11:59:59Z',
    finishedAt: '2026-11-21T12:00:00Z',
    containerID: 'docker://main-0',
  });
});

const ends = [
  { state: exited(0), reason: 'Completed' },
  { state: exited(1), reason: 'Error' },
  { state: { ...exited(137), oomKilled: true }, reason: 'OOMKilled' },
  {
    state: { kind: 'exited', finishedAt: NOW, exitCode: 127, oomKilled: false, error: 'no such file' } as const,
    reason: 'ContainerCannotRun',
    message: 'no such file',
  },
];
for (const { state, reason, message } of ends) {
  test(`an end is told as ${reason}`, () => {
    const { terminated } =
      main(status(podOf({ restartPolicy: 'Never' }), { observed: { ...up, containers: [seen('main', state)] } }))
        .state ?? {};
    assert.deepEqual([terminated?.reason, terminated?.message], [reason, message]);
  });
}

const phases = [
  { policy: 'Never', codes: [0, 0], phase: 'Succeeded' },
  { policy: 'Never', codes: [0, 1], phase: 'Failed' },
  { policy: 'OnFailure', codes: [0, 0], phase: 'Succeeded' },
  { policy: 'OnFailure', codes: [0, 1], phase: 'Running' },
  { policy: 'Always', codes: [0, 0], phase: 'Running' },
  { policy: 'Never', codes: [0, undefined], phase: 'Running' },
];
for (const { policy, codes, phase } of phases) {
  test(`restart policy ${policy} with exit codes ${codes.map(String).join(', ')} is ${phase}`, () => {
    const pod = podOf({ restartPolicy: policy, containers: [container('a'), container('b')] });
    const containers = codes.map((code, n) =>
      seen(n === 0 ? 'a' : 'b', code === undefined ? runningSince() : exited(code)),
    );
    assert.equal(status(pod, { observed: { ...up, containers } }).phase, phase);
  });
}

test('a phase that has ended stays', () => {
  const pod = { ...podOf(), status: { phase: 'Failed', reason: 'DeadlineExceeded' } };
  const result = status(pod, { observed: { ...up, containers: [seen('main', exited(0))] } });
  assert.deepEqual([result.phase, result.reason], ['Failed', 'DeadlineExceeded']);
});

test('while init containers run the others wait for them', () => {
  const pod = podOf({ initContainers: [container('init')] });
  const result = status(pod, { observed: { ...up, containers: [seen('init', runningSince())] } });
  assert.equal(result.phase, 'Pending');
  assert.deepEqual(main(result).state, { waiting: { reason: 'PodInitializing' } });
  const condition = result.conditions?.find(({ type }) => type === 'Initialized');
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    ['False', 'ContainersNotInitialized', 'containers with incomplete status: [init]'],
  );
});

test('a failed init container of a pod that never restarts fails the pod', () => {
  const pod = podOf({ initContainers: [container('init')], restartPolicy: 'Never' });
  assert.equal(status(pod, { observed: { ...up, containers: [seen('init', exited(1))] } }).phase, 'Failed');
});

test('a start that fails is the reason for waiting, at first as what it is', () => {
  const problem: Problem = {
    action: 'startContainer',
    reason: 'ErrImagePull',
    message: 'no such host',
    backOff: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' },
    since: NOW,
    retryAt: NOW + 10_000,
    failures: 1,
  };
  const problems = new Map([['container:main' as const, problem]]);
  const result = status(podOf(), { observed: up, problems });
  assert.deepEqual(main(result).state, { waiting: { reason: 'ErrImagePull', message: 'no such host' } });
  assert.equal(result.phase, 'Pending');
  const later = status(podOf(), { observed: up, problems }, NOW + 5000);
  assert.deepEqual(main(later).state, { waiting: problem.backOff });
});

test('probes decide on started and ready', () => {
  const probe = { exec: { command: ['true'] } };
  const pod = podOf({ containers: [container('main', { startupProbe: probe, readinessProbe: probe })] });
  const observed = { ...up, containers: [seen('main', runningSince())] };
  const verdict = (started: boolean, ready: boolean) => new Map([['main-0', { started, ready }]]);
  const told = (probes: PodWorld['probes']) => {
    const { started, ready } = main(status(pod, { observed, probes }));
    return [started, ready];
  };
  assert.deepEqual(told(new Map()), [false, false]);
  assert.deepEqual(told(verdict(true, false)), [true, false]);
  assert.deepEqual(told(verdict(true, true)), [true, true]);
});

test('readiness gates hold a pod back', () => {
  const pod = podOf({ readinessGates: [{ conditionType: 'example.com/gate' }] });
  const observed = { ...up, containers: [seen('main', runningSince())] };
  assert.equal(conditions(status(pod, { observed }))['Ready'], 'False ReadinessGatesNotReady');
  const open = { ...pod, status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } };
  assert.equal(conditions(status(open, { observed }))['Ready'], 'True');
});

test('what ran and is gone is told as unknown', () => {
  const ran = status(podOf(), { observed: { ...up, containers: [seen('main', runningSince())] } });
  const { state, lastState, restartCount } = main(status({ ...podOf(), status: ran }, { observed: up }));
  assert.deepEqual(state, { waiting: { reason: 'ContainerCreating' } });
  assert.equal(lastState?.terminated?.reason, 'ContainerStatusUnknown');
  assert.equal(restartCount, 1);
});

test('a deleted pod keeps what its containers came to, also when they are gone', () => {
  const pod = deleted(podOf());
  const ended = status(pod, { observed: { ...up, containers: [seen('main', exited(0))] } });
  assert.equal(ended.phase, 'Succeeded');
  const gone = status({ ...pod, status: ended }, { observed: { sandboxes: [], containers: [] }, volumes: 'gone' });
  assert.deepEqual(gone.containerStatuses, ended.containerStatuses);
  assert.deepEqual([gone.phase, gone.podIP], ['Succeeded', '10.1.0.2']);
});

test('a pod over its deadline has failed', () => {
  const pod = podOf({ activeDeadlineSeconds: 5 });
  const result = status(pod, { observed: { ...up, containers: [seen('main', runningSince())] } }, NOW + 5000);
  assert.deepEqual([result.phase, result.reason], ['Failed', 'DeadlineExceeded']);
});

test('last words stay in the status after their file has gone with the volumes', () => {
  const pod = podOf({ restartPolicy: 'Never' });
  const observed = { ...up, containers: [seen('main', exited(1))] };
  const told = status(pod, { observed, terminationMessages: new Map([['main-0', 'no more paper']]) });
  const later = status({ ...pod, status: told }, { observed, terminationMessages: new Map([['main-0', '']]) });
  assert.equal(main(later).state?.terminated?.message, 'no more paper');
});
