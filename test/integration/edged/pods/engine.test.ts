import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { containerIdOf, EdgedSite, stateOf, statusOf } from '../../../support/edged-site.ts';
import { freePort } from '../../../support/free-port.ts';
import { containerSpec, podIdentity, sandboxSpec } from '../../../support/specs.ts';
import { dockerSite } from '../../../support/docker-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

test('another edged takes over what runs, and ends what was deleted meanwhile', async () => {
  await site.run('stays', 'sleep 1000');
  await site.run('goes', 'sleep 1000');
  const stays = await site.untilReady('stays');
  const goes = await site.untilReady('goes');
  await site.restartEdged(() => site.delete('goes', 0));
  await site.run('new', 'sleep 1000');
  await site.untilReady('new');
  await site.until(
    'stays',
    'has not been restarted',
    (pod) => containerIdOf(pod) === containerIdOf(stays) && statusOf(pod)?.restartCount === 0,
  );
  assert.ok((await site.held(stays)).includes(containerIdOf(stays)));
  const docker = site.docker.docker;
  await docker
    .getContainer(containerIdOf(goes))
    .wait({ condition: 'removed' })
    .catch(() => undefined); // removed already
  assert.ok(!(await site.held(goes)).includes(containerIdOf(goes)));
});

test('what another site has is left alone', async () => {
  const other = await dockerSite();
  try {
    const identity = podIdentity('aaaaaaaa-0000-4000-8000-000000000001');
    const signal = AbortSignal.timeout(30_000);
    const sandbox = await other.runtime.runSandbox(sandboxSpec(identity), signal);
    const spec = containerSpec(identity, {
      sandboxId: sandbox.id,
      image: other.image,
      imageId: other.image,
      command: ['sleep', '1000'],
    });
    await other.runtime.startContainer(await other.runtime.createContainer(spec, signal), signal);
    await site.restartEdged();
    await site.run('mine', 'sleep 1000');
    await site.untilReady('mine');
    const kinds = (await other.runtime.list(undefined, signal)).map(({ kind, state }) => `${kind} ${state.kind}`);
    assert.deepEqual(kinds.sort(), ['container running', 'sandbox running']);
  } finally {
    await other.close();
  }
});

test('the engine goes and comes: the pods stay, and what ended meanwhile is seen', async () => {
  await site.run('through', 'sleep 1000');
  const before = await site.untilReady('through');
  await site.engine.cut();
  await site.docker.docker.getContainer(containerIdOf(before)).kill();
  await site.engine.mend();
  const after = await site.until(
    'through',
    'runs anew',
    (pod) => statusOf(pod)?.restartCount === 1 && statusOf(pod)?.ready === true,
  );
  assert.equal(statusOf(after)?.lastState?.terminated?.exitCode, 137);
});

test('a port of the host leads into the pod; while it is taken the pod waits and says so', async () => {
  const hostPort = await freePort();
  const ports = [{ containerPort: 8080, hostPort, hostIP: '127.0.0.1' }];
  const script = 'cd /tmp; echo hello > index.html; httpd -f -p 8080';
  const readinessProbe = { periodSeconds: 1, tcpSocket: { port: 8080 } };
  await site.run('first', script, { ports, readinessProbe });
  await site.untilReady('first');
  assert.equal(await (await fetch(`http://127.0.0.1:${hostPort}/index.html`)).text(), 'hello\n');

  await site.run('second', script, { ports, readinessProbe });
  assert.match(
    await site.event('second', 'FailedCreatePodSandBox'),
    new RegExp(`${hostPort}.*(already allocated|in use)`),
  );
  await site.delete('first');
  await site.untilReady('second');
});

test('a pod on the host’s network has the node’s address', async () => {
  await site.run('host', 'hostname', {}, { hostNetwork: true, restartPolicy: 'Never' });
  const pod = await site.untilOver('host');
  assert.equal(stateOf(pod).terminated?.exitCode, 0);
  assert.equal(pod.status?.podIP, pod.status?.hostIP);
});
