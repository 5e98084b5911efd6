import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { conditionOf, containerIdOf, EdgedSite, statusOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

const QUICK = { periodSeconds: 1, failureThreshold: 1 };

test('a liveness probe that fails restarts the container', async () => {
  const livenessProbe = { ...QUICK, exec: { command: ['test', '!', '-e', '/tmp/dead'] } };
  await site.run('liveness', 'sleep 1000', { livenessProbe });
  const before = await site.untilReady('liveness');
  await site.exec(before, 'touch', '/tmp/dead');
  const after = await site.until(
    'liveness',
    'runs anew',
    (pod) => statusOf(pod)?.restartCount === 1 && statusOf(pod)?.ready === true,
  );
  assert.notEqual(containerIdOf(after), containerIdOf(before));
  assert.match(await site.event('liveness', 'Unhealthy'), /^Liveness probe failed: /);
  assert.equal(await site.event('liveness', 'Killing'), 'Container main failed liveness probe, will be restarted');
});

test('readiness comes and goes with its probe, without a restart', async () => {
  const readinessProbe = { ...QUICK, exec: { command: ['test', '-e', '/tmp/ready'] } };
  await site.run('readiness', 'sleep 1000', { readinessProbe });
  const running = await site.until(
    'readiness',
    'runs, not ready',
    (pod) => statusOf(pod)?.state?.running !== undefined,
  );
  assert.equal(conditionOf(running, 'Ready'), 'False');
  await site.exec(running, 'touch', '/tmp/ready');
  const ready = await site.untilReady('readiness');
  await site.exec(ready, 'rm', '/tmp/ready');
  const unready = await site.until('readiness', 'is not ready again', (pod) => conditionOf(pod, 'Ready') === 'False');
  assert.equal(statusOf(unready)?.restartCount, 0);
});

test('nothing else is asked before the startup probe has passed', async () => {
  const startupProbe = { periodSeconds: 1, failureThreshold: 30, exec: { command: ['test', '-e', '/tmp/up'] } };
  const livenessProbe = { ...QUICK, exec: { command: ['test', '-e', '/tmp/up'] } };
  await site.run('startup', 'sleep 1000', { startupProbe, livenessProbe });
  assert.match(await site.event('startup', 'Unhealthy'), /^Startup probe failed: /);
  const starting = await site.until('startup', 'runs', (pod) => statusOf(pod)?.state?.running !== undefined);
  assert.equal(statusOf(starting)?.started, false);
  await site.exec(starting, 'touch', '/tmp/up');
  const started = await site.untilReady('startup');
  assert.deepEqual([statusOf(started)?.started, statusOf(started)?.restartCount], [true, 0]);
});

test('HTTP and TCP are asked at the pod’s address, by the name of the port', async () => {
  const ports = [{ name: 'web', containerPort: 8080 }];
  const readinessProbe = { ...QUICK, failureThreshold: 30, httpGet: { path: '/', port: 'web' } };
  const livenessProbe = { ...QUICK, failureThreshold: 30, tcpSocket: { port: 8080 } };
  const script = 'cd /tmp; echo hello > index.html; httpd -f -p 8080';
  await site.run('http', script, { ports, readinessProbe, livenessProbe });
  assert.equal(statusOf(await site.untilReady('http'))?.restartCount, 0);
});
