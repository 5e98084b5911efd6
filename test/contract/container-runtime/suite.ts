/** What every ContainerRuntime does alike. Run by each implementation with its own way of being set up. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  type ContainerRuntime,
  type ObservedObject,
  isRuntimeError,
  type PodIdentity,
} from '../../../src/edged/runtime.ts';
import { containerSpec, podIdentity, sandboxSpec } from '../../support/specs.ts';

export interface RuntimeSetup {
  readonly runtime: ContainerRuntime;
  /** An image that the engine holds and that has a shell. */
  readonly image: string;
  close(): Promise<void>;
}

const signal = AbortSignal.timeout(60_000);

export function containerRuntimeSuite(name: string, setUp: () => Promise<RuntimeSetup>): void {
  let setup: RuntimeSetup;
  let runtime: ContainerRuntime;
  let imageId: string;
  before(async () => {
    setup = await setUp();
    runtime = setup.runtime;
    imageId = (await runtime.image(setup.image, signal))?.id ?? '';
  });
  after(() => setup.close());

  async function withPod(use: (pod: PodIdentity, sandboxId: string) => Promise<void>): Promise<void> {
    const pod = podIdentity(randomUUID());
    const sandbox = await runtime.runSandbox(sandboxSpec(pod), signal);
    try {
      await use(pod, sandbox.id);
    } finally {
      for (const { id } of await runtime.list(pod.uid, signal)) await runtime.remove(id, signal);
    }
  }

  async function run(pod: PodIdentity, sandboxId: string, script: string, attempt = 0): Promise<string> {
    const command = ['/bin/sh', '-c', script];
    const spec = containerSpec(pod, { sandboxId, image: setup.image, imageId, command, attempt });
    const id = await runtime.createContainer(spec, signal);
    await runtime.startContainer(id, signal);
    return id;
  }

  async function seen(pod: PodIdentity, id: string): Promise<ObservedObject> {
    const found = (await runtime.list(pod.uid, signal)).find((object) => object.id === id);
    assert.ok(found, `${id} is listed`);
    return found;
  }

  test(`${name}: says what it is`, async () => {
    const version = await runtime.version(signal);
    assert.match(version.version, /^\d+\./);
    assert.notEqual(version.architecture, '');
  });

  test(`${name}: says how full its disk is`, async () => {
    const { totalBytes, usedBytes } = await runtime.disk(signal);
    assert.ok(usedBytes > 0 && usedBytes <= totalBytes);
  });

  test(`${name}: a sandbox runs with an address of its own`, async () => {
    await withPod(async (pod, id) => {
      const sandbox = await seen(pod, id);
      assert.equal(sandbox.kind, 'sandbox');
      assert.deepEqual(sandbox.pod, pod);
      assert.equal(sandbox.state.kind, 'running');
      assert.ok(sandbox.kind === 'sandbox' && sandbox.ips.length > 0);
      assert.equal(sandbox.graceSeconds, 1);
    });
  });

  test(`${name}: a container goes from created over running to exited`, async () => {
    await withPod(async (pod, sandboxId) => {
      const spec = containerSpec(pod, {
        sandboxId,
        image: setup.image,
        imageId,
        command: ['/bin/sh', '-c', 'sleep 60'],
      });
      const id = await runtime.createContainer(spec, signal);
      const created = await seen(pod, id);
      assert.equal(created.state.kind, 'created');
      assert.ok(created.kind === 'container');
      const { name, sandboxId: inside, hash, image } = created;
      assert.deepEqual(
        { name, inside, hash, image },
        { name: 'main', inside: sandboxId, hash: 'abc', image: setup.image },
      );

      await runtime.startContainer(id, signal);
      assert.equal((await seen(pod, id)).state.kind, 'running');
      await runtime.stop(id, 0, signal);
      const { state } = await seen(pod, id);
      assert.ok(state.kind === 'exited' && state.exitCode > 128);
    });
  });

  test(`${name}: an exit code, an event and a log line come through`, async () => {
    await withPod(async (pod, sandboxId) => {
      const stop = new AbortController();
      const events = await runtime.events(stop.signal);
      const id = await run(pod, sandboxId, 'echo bye; exit 3');
      for await (const event of events) if (event.containerId === id && event.action === 'die') break;
      stop.abort();
      const { state } = await seen(pod, id);
      assert.ok(state.kind === 'exited');
      assert.equal(state.exitCode, 3);
      assert.equal(await runtime.logTail(id, 10, 1024, signal), 'bye\n');
    });
  });

  test(`${name}: a command inside gives its code and output`, async () => {
    await withPod(async (pod, sandboxId) => {
      const id = await run(pod, sandboxId, 'sleep 60');
      const result = await runtime.exec(id, ['/bin/sh', '-c', 'echo inside; exit 4'], 5_000, signal);
      assert.deepEqual(result, { exitCode: 4, output: 'inside\n' });
    });
  });

  test(`${name}: the newest comes first, and the attempt is kept`, async () => {
    await withPod(async (pod, sandboxId) => {
      await run(pod, sandboxId, 'exit 1', 0);
      await run(pod, sandboxId, 'sleep 60', 1);
      const attempts = (await runtime.list(pod.uid, signal))
        .filter((o) => o.kind === 'container')
        .map((o) => o.attempt);
      assert.deepEqual(attempts, [1, 0]);
    });
  });

  test(`${name}: a name that a leftover holds is taken over`, async () => {
    await withPod(async (pod, sandboxId) => {
      const first = await run(pod, sandboxId, 'sleep 60');
      const second = await run(pod, sandboxId, 'sleep 60');
      const ids = (await runtime.list(pod.uid, signal)).map(({ id }) => id);
      assert.ok(ids.includes(second) && !ids.includes(first));
    });
  });

  test(`${name}: a running container takes other limits`, async () => {
    await withPod(async (pod, sandboxId) => {
      const id = await run(pod, sandboxId, 'sleep 60');
      const limits = { cpuShares: 512, cpuQuota: 20_000, memoryBytes: 32 * 1024 * 1024 };
      await runtime.resize(id, limits, signal);
      const after = await seen(pod, id);
      assert.deepEqual([after.kind === 'container' && after.limits, after.state.kind], [limits, 'running']);
    });
  });

  test(`${name}: tells what each container has written, ended ones too, but not the sandbox`, async () => {
    await withPod(async (pod, sandboxId) => {
      const id = await run(pod, sandboxId, 'sleep 60');
      await runtime.stop(id, 0, signal);
      const own = (await runtime.written(signal)).filter(({ podUid }) => podUid === pod.uid);
      assert.equal(own.length, 1);
      assert.ok(own[0] !== undefined && own[0].container !== '' && own[0].bytes >= 0);
    });
  });

  test(`${name}: stopping and removing what is gone succeeds`, async () => {
    await runtime.stop('gone', 0, signal);
    await runtime.remove('gone', signal);
  });

  test(`${name}: starting what is gone, or from an image that is gone, is NotFound`, async () => {
    await assert.rejects(runtime.startContainer('gone', signal), (error) => isRuntimeError(error, 'NotFound'));
    await withPod(async (pod, sandboxId) => {
      const spec = containerSpec(pod, { sandboxId, image: 'gone:1', imageId: 'gone:1' });
      await assert.rejects(runtime.createContainer(spec, signal), (error) => isRuntimeError(error, 'NotFound'));
    });
    assert.equal(await runtime.image('gone:1', signal), undefined);
  });
}
