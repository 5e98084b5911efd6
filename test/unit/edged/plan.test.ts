import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plan } from '../../../src/edged/pods/plan.ts';
import type { Problem } from '../../../src/edged/pods/pod-world.ts';
import type { PodAction } from '../../../src/edged/pods/pod-action.ts';
import { container, deleted, exited, NOW, podOf, runningSince, sandbox, seen, worldOf } from '../../support/pods.ts';

function brief(action: PodAction): string {
  switch (action.kind) {
    case 'startContainer':
      return `start ${action.container.name} #${action.attempt}`;
    case 'stopContainer':
      return `stop ${action.name} ${action.graceSeconds}s ${action.reason}${action.hurry ? ' hurry' : ''}`;
    case 'createSandbox':
      return `createSandbox #${action.attempt}`;
    case 'remove':
      return `remove ${action.id}`;
    case 'cancel':
      return `cancel ${action.target}`;
    case 'announceBackOff':
      return `announceBackOff ${action.name} ${action.delayMs}`;
    case 'resizeContainer':
      return `resize ${action.id} ${Object.values(action.limits).join(' ')}`;
    case 'stopSandbox':
    case 'prepareVolumes':
    case 'tearDownVolumes':
    case 'releasePod':
      return action.kind;
  }
}

function planned(...args: Parameters<typeof plan>): string[] {
  return plan(...args).actions.map(brief);
}

const up = { sandboxes: [sandbox()], containers: [] };
const init = container('init');
const sidecar = container('side', { restartPolicy: 'Always' });

test('a new pod gets its sandbox and its volumes at the same time', () => {
  assert.deepEqual(planned(podOf(), worldOf({ volumes: 'unknown' }), NOW), ['prepareVolumes', 'createSandbox #0']);
});

test('containers wait for the volumes', () => {
  assert.deepEqual(planned(podOf(), worldOf({ observed: up, volumes: 'unknown' }), NOW), ['prepareVolumes']);
});

test('containers start together', () => {
  const pod = podOf({ containers: [container('a'), container('b')] });
  assert.deepEqual(planned(pod, worldOf({ observed: up }), NOW), ['start a #0', 'start b #0']);
});

test('a sandbox in the making is waited for, though the runtime shows it already', () => {
  const inFlight = new Map([['sandbox' as const, { kind: 'createSandbox', target: 'sandbox', attempt: 0 } as const]]);
  assert.deepEqual(planned(podOf(), worldOf({ observed: up, inFlight }), NOW), []);
});

test('init containers run one by one, before the others', () => {
  const pod = podOf({ initContainers: [init, container('init2')] });
  const at = (containers: Parameters<typeof seen>[]) =>
    planned(pod, worldOf({ observed: { ...up, containers: containers.map((args) => seen(...args)) } }), NOW);
  assert.deepEqual(at([]), ['start init #0']);
  assert.deepEqual(at([['init', runningSince()]]), []);
  assert.deepEqual(at([['init', exited(0)]]), ['start init2 #0']);
  assert.deepEqual(
    at([
      ['init2', exited(0)],
      ['init', exited(0)],
    ]),
    ['start main #0'],
  );
});

test('a sidecar has to start, not to end, before the next', () => {
  const pod = podOf({ initContainers: [sidecar] });
  assert.deepEqual(planned(pod, worldOf({ observed: up }), NOW), ['start side #0']);
  const observed = { ...up, containers: [seen('side', runningSince())] };
  assert.deepEqual(planned(pod, worldOf({ observed }), NOW), ['start main #0']);
});

test('a sidecar that ends while the others run comes back', () => {
  const pod = podOf({ initContainers: [sidecar] });
  const observed = { ...up, containers: [seen('main', runningSince()), seen('side', exited(0))] };
  assert.deepEqual(planned(pod, worldOf({ observed }), NOW), ['start side #1']);
});

test('an init container that fails for good ends the pod', () => {
  const pod = podOf({ initContainers: [init], restartPolicy: 'Never' });
  const observed = { ...up, containers: [seen('init', exited(1))] };
  assert.deepEqual(planned(pod, worldOf({ observed }), NOW), ['stopSandbox', 'tearDownVolumes']);
});

const restartCases = [
  { policy: 'Always', code: 0, expected: ['start main #1'] },
  { policy: 'Always', code: 1, expected: ['start main #1'] },
  { policy: 'OnFailure', code: 1, expected: ['start main #1'] },
  { policy: 'OnFailure', code: 0, expected: ['stopSandbox', 'tearDownVolumes'] },
  { policy: 'Never', code: 1, expected: ['stopSandbox', 'tearDownVolumes'] },
];
for (const { policy, code, expected } of restartCases) {
  test(`restart policy ${policy} after exit code ${code}`, () => {
    const observed = { ...up, containers: [seen('main', exited(code))] };
    assert.deepEqual(planned(podOf({ restartPolicy: policy }), worldOf({ observed }), NOW), expected);
  });
}

test('a container that keeps ending waits for its back-off, which is told once', () => {
  const observed = { ...up, containers: [seen('main', exited(1), { attempt: 1 })] };
  const crashes = new Map([['main', { delayMs: 10_000, since: NOW - 2000 }]]);
  const result = plan(podOf(), worldOf({ observed, crashes }), NOW + 1000);
  assert.deepEqual(result.actions.map(brief), ['announceBackOff main 10000']);
  assert.equal(result.wakeAt, NOW + 10_000);
  const told = worldOf({ observed, crashes, announced: new Set(['main-1']) });
  assert.deepEqual(planned(podOf(), told, NOW + 1000), []);
  const [start] = plan(podOf(), told, NOW + 10_000).actions;
  assert.ok(start?.kind === 'startContainer');
  assert.deepEqual(start.crash, { delayMs: 20_000, since: NOW + 10_000 });
});

test('a container that ran for ten minutes starts over at ten seconds', () => {
  const observed = { ...up, containers: [seen('main', exited(1), { attempt: 7 })] };
  const crashes = new Map([['main', { delayMs: 300_000, since: NOW - 600_001 }]]);
  const [start] = plan(podOf(), worldOf({ observed, crashes }), NOW).actions;
  assert.ok(start?.kind === 'startContainer');
  assert.deepEqual([start.attempt, start.crash], [8, { delayMs: 10_000, since: NOW }]);
});

test('after a reboot the pod gets a new sandbox, and its init containers run again', () => {
  const pod = podOf({ initContainers: [init] });
  const containers = [seen('main', exited(255)), seen('init', exited(0))];
  const dead = { sandboxes: [sandbox(0, exited(255))], containers };
  assert.deepEqual(planned(pod, worldOf({ observed: dead }), NOW), ['createSandbox #1']);
  const again = { sandboxes: [sandbox(1), sandbox(0, exited(255))], containers };
  assert.deepEqual(planned(pod, worldOf({ observed: again }), NOW), ['remove sandbox-0', 'start init #1']);
});

test('what runs in a lost sandbox is stopped before a new one is made', () => {
  const observed = { sandboxes: [sandbox(0, exited(137))], containers: [seen('main', runningSince())] };
  assert.deepEqual(planned(podOf(), worldOf({ observed }), NOW), ['stop main 30s SandboxChanged']);
});

test('another image replaces the container', () => {
  const observed = { ...up, containers: [seen('main', runningSince())] };
  const pod = podOf({ containers: [container('main', { image: 'busybox:2' })] });
  const [stop] = plan(pod, worldOf({ observed }), NOW).actions;
  assert.ok(stop?.kind === 'stopContainer');
  assert.equal(stop.message, 'Container main definition changed, will be restarted');
});

test('a probe that gives up kills with its own grace period', () => {
  const observed = { ...up, containers: [seen('main', runningSince())] };
  const fatal = { message: 'Container main failed liveness probe, will be restarted', graceSeconds: 5 };
  const probes = new Map([['main-0', { started: true, ready: true, fatal }]]);
  assert.deepEqual(planned(podOf(), worldOf({ observed, probes }), NOW), ['stop main 5s ProbeFailed']);
});

test('ended containers beyond those that are kept are removed', () => {
  const containers = [
    seen('main', runningSince(), { attempt: 3 }),
    seen('main', exited(1), { attempt: 2 }),
    seen('main', exited(1), { attempt: 1 }),
  ];
  assert.deepEqual(planned(podOf(), worldOf({ observed: { ...up, containers } }), NOW), ['remove main-1']);
});

test('a pod that is deleted ends step by step', () => {
  const pod = deleted(podOf());
  const running = { ...up, containers: [seen('main', runningSince())] };
  assert.deepEqual(planned(pod, worldOf({ observed: running }), NOW), ['stop main 30s PodDeleted']);
  const ended = { ...up, containers: [seen('main', exited(143))] };
  const last = ['remove main-0', 'remove sandbox-0', 'tearDownVolumes'];
  assert.deepEqual(planned(pod, worldOf({ observed: ended }), NOW), last);
  assert.deepEqual(planned(pod, worldOf({ volumes: 'gone' }), NOW), ['releasePod']);
  assert.deepEqual(planned(pod, worldOf({ volumes: 'gone', released: true }), NOW), []);
});

test('a deletion with less patience overtakes a stop under way', () => {
  const observed = { ...up, containers: [seen('main', runningSince())] };
  const [first] = plan(deleted(podOf()), worldOf({ observed }), NOW).actions;
  assert.ok(first);
  const inFlight = new Map([[first.target, first]]);
  assert.deepEqual(planned(deleted(podOf()), worldOf({ observed, inFlight }), NOW), []);
  assert.deepEqual(planned(deleted(podOf(), 2), worldOf({ observed, inFlight }), NOW), [
    'stop main 2s PodDeleted hurry',
  ]);
});

test('a deletion gives up what is under way', () => {
  const [start] = plan(podOf(), worldOf({ observed: up }), NOW).actions;
  assert.ok(start);
  const inFlight = new Map([[start.target, start]]);
  const actions = planned(deleted(podOf()), worldOf({ observed: up, inFlight }), NOW);
  assert.deepEqual(actions, ['cancel container:main', 'remove sandbox-0', 'tearDownVolumes']);
});

test('sidecars end after the others, the last one first', () => {
  const pod = deleted(podOf({ initContainers: [sidecar, container('side2', { restartPolicy: 'Always' })] }), 30);
  const sides = [seen('side2', runningSince()), seen('side', runningSince())];
  const all = { ...up, containers: [seen('main', runningSince()), ...sides] };
  assert.deepEqual(planned(pod, worldOf({ observed: all }), NOW), ['stop main 30s PodDeleted']);
  const rest = { ...up, containers: [seen('main', exited(0)), ...sides] };
  assert.deepEqual(planned(pod, worldOf({ observed: rest }), NOW + 20_000), ['stop side2 10s PodDeleted']);
});

test('new limits are given while the container runs, once, unless it wants to be restarted for them', () => {
  const limits = { cpuShares: 2, cpuQuota: 10_000, memoryBytes: 0 };
  const has = { ...up, containers: [seen('main', runningSince(), { limits })] };
  const more = { resources: { limits: { cpu: '200m' } } };
  const pod = podOf({ containers: [container('main', more)] });
  assert.deepEqual(planned(pod, worldOf({ observed: has }), NOW), ['resize main-0 204 20000 0']);
  const given = new Map([['main-0', { cpuShares: 204, cpuQuota: 20_000, memoryBytes: 0 }]]);
  assert.deepEqual(
    planned(pod, worldOf({ observed: has, resized: given }), NOW),
    [],
    'an engine that does not keep to it',
  );
  const policy = (resourceName: string) => ({ resizePolicy: [{ resourceName, restartPolicy: 'RestartContainer' }] });
  const forCpu = podOf({ containers: [container('main', { ...more, ...policy('cpu') })] });
  assert.deepEqual(planned(forCpu, worldOf({ observed: has }), NOW), ['stop main 30s DefinitionChanged']);
  const forMemory = podOf({ containers: [container('main', { ...more, ...policy('memory') })] });
  assert.deepEqual(planned(forMemory, worldOf({ observed: has }), NOW), ['resize main-0 204 20000 0']);
});

test('a pod over its deadline is ended, and the deadline is waited for', () => {
  const observed = { ...up, containers: [seen('main', runningSince())] };
  const pod = podOf({ activeDeadlineSeconds: 60 });
  assert.equal(plan(pod, worldOf({ observed }), NOW).wakeAt, NOW + 60_000);
  assert.deepEqual(planned(pod, worldOf({ observed }), NOW + 60_000), ['stop main 30s DeadlineExceeded']);
});

test('what the API does not know is stopped and removed', () => {
  const observed = { ...up, containers: [seen('main', runningSince())] };
  assert.deepEqual(planned(undefined, worldOf({ observed }), NOW), ['stop main 30s Orphaned']);
  const ended = worldOf({ observed: { ...up, containers: [seen('main', exited(0))] }, volumes: 'unknown' });
  assert.deepEqual(planned(undefined, ended, NOW), ['remove main-0', 'remove sandbox-0', 'tearDownVolumes']);
});

test('what failed is not tried before its time', () => {
  const problem: Problem = {
    action: 'startContainer',
    reason: 'CreateContainerConfigError',
    message: '',
    since: NOW,
    retryAt: NOW + 1000,
    failures: 1,
  };
  const problems = new Map([['container:main' as const, problem]]);
  const result = plan(podOf(), worldOf({ observed: up, problems }), NOW);
  assert.deepEqual(result, { actions: [], wakeAt: NOW + 1000 });
  assert.deepEqual(planned(podOf(), worldOf({ observed: up, problems }), NOW + 1000), ['start main #0']);
});
