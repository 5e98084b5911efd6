import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { notFound, StatusError } from '../../../../src/api/status-error.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import type { KubeClient } from '../../../../src/client/index.ts';
import { NodeAgent, type NodeAgentOptions } from '../../../../src/edged/node/node-agent.ts';
import { LEASE_PERIOD_MS, NodeLease } from '../../../../src/edged/node/node-lease.ts';

type Held = KubeObject & { status?: { conditions?: { type: string; status: string; message?: string }[] } };

/** An API with just enough of objects for this: one of each resource, merged shallowly. */
class OneObjectApi {
  readonly objects = new Map<string, Held>();
  readonly calls: string[] = [];
  away = false;
  #waiters: { calls: number; done: () => void }[] = [];

  readonly client: KubeClient = {
    get: async (resource: { plural: string }, { name }: { name: string }) => this.#read('get', resource, name),
    create: async (resource: { plural: string }, _target: object, object: KubeObject) => {
      this.#call(`create ${resource.plural}`);
      this.objects.set(resource.plural, structuredClone(object));
      return structuredClone(object);
    },
    patch: async (
      resource: { plural: string },
      { name, subresource }: { name: string; subresource?: string },
      _type: string,
      patch: KubeObject,
    ) => {
      const held = this.#read(`patch${subresource === undefined ? '' : ` ${subresource}`}`, resource, name);
      const merged: Held = { ...held, ...patch, metadata: { ...held.metadata, ...patch.metadata } };
      this.objects.set(resource.plural, merged);
      return merged;
    },
  } as unknown as KubeClient;

  /** Resolves once so many calls have been made in all. */
  reached(calls: number): Promise<void> {
    return new Promise((done) => {
      if (this.calls.length >= calls) done();
      else this.#waiters.push({ calls, done });
    });
  }

  ready(): string | undefined {
    return this.objects.get('nodes')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  }

  #read(verb: string, resource: { plural: string }, name: string): Held {
    this.#call(`${verb} ${resource.plural}`);
    const held = this.objects.get(resource.plural);
    if (held === undefined) throw notFound({ group: '', plural: resource.plural }, name);
    return structuredClone(held);
  }

  #call(what: string): void {
    this.calls.push(this.away ? `${what} (away)` : what);
    for (const { calls, done } of this.#waiters) if (this.calls.length >= calls) done();
    if (this.away) throw new StatusError('ServiceUnavailable', 'nobody answers');
  }
}

const machine = {
  cpuCount: 1,
  memoryBytes: 1e9,
  memoryAvailableBytes: 5e8,
  diskBytes: 1e9,
  diskAvailableBytes: 5e8,
  hugePages: {},
  processes: 1,
  maxProcesses: 100,
  architecture: 'amd64',
  kernelVersion: '6.1',
  osImage: 'Linux',
  machineId: '',
  systemUuid: '',
  bootId: '',
};

const never = new AbortController().signal;

function agent(api: OneObjectApi, options: Partial<NodeAgentOptions> & { register?: boolean } = {}): NodeAgent {
  return new NodeAgent({
    settings: () => ({
      nodeName: 'edge-node',
      register: options.register ?? true,
      kubeletVersion: 'v1',
      kubeletPort: 1,
      maxPods: 1,
      memoryCapacityBytes: 0,
    }),
    client: api.client,
    runtime: { version: async () => ({ version: '20.10' }), images: async () => [] },
    readMachine: async () => machine,
    readAddress: async () => '192.0.2.2',
    dockerAddress: 'unix:///var/run/docker.sock',
    lookPeriodMs: 10_000,
    clock: new ManualClock(0),
    random: () => 0,
    logger: silentLogger,
    ...options,
  });
}

test('one look makes the node Ready', async () => {
  const api = new OneObjectApi();
  assert.equal(await agent(api).look(never), 10_000);
  assert.deepEqual(api.calls, ['get nodes', 'create nodes']);
  assert.equal(api.ready(), 'True');
});

test('without registration the node is awaited eagerly and then adopted', async () => {
  const api = new OneObjectApi();
  const waiting = agent(api, { register: false });
  assert.equal(await waiting.look(never), 500);
  assert.equal(api.objects.size, 0);
  api.objects.set('nodes', { metadata: { name: 'edge-node', labels: { name: 'edge-node' } } });
  assert.equal(await waiting.look(never), 10_000);
  assert.equal(api.ready(), 'True');
});

test('an engine that does not answer makes the node NotReady, saying what to do; it is looked for eagerly', async () => {
  const api = new OneObjectApi();
  let up = false;
  const version = async () => {
    if (!up) throw new Error('connect ENOENT');
    return { version: '20.10' };
  };
  const looking = agent(api, { runtime: { version, images: async () => [] } });
  assert.equal(await looking.look(never), 500);
  const ready = api.objects.get('nodes')?.status?.conditions?.find(({ type }) => type === 'Ready');
  assert.equal(ready?.status, 'False');
  assert.match(
    ready?.message ?? '',
    /^container runtime is down: Docker Engine does not answer at unix:.* \(connect ENOENT\)\. Start it/,
  );
  up = true;
  assert.equal(await looking.look(never), 10_000);
  assert.equal(api.ready(), 'True');
});

test('an API that is away is tried again with growing pauses until it answers', async () => {
  const api = new OneObjectApi();
  api.away = true;
  const clock = new ManualClock(0);
  const trying = agent(api, { clock });
  await trying.start(never);
  const pauses = [200, 400, 800];
  for (const [index, pause] of pauses.entries()) {
    await api.reached(index + 1);
    while (clock.sleepers === 0) await new Promise(setImmediate);
    clock.advance(pause - 1);
    assert.equal(api.calls.length, index + 1, `not before ${pause} ms`);
    api.away = index < pauses.length - 1;
    clock.advance(1);
  }
  await api.reached(pauses.length + 2);
  await trying.close();
  assert.equal(api.ready(), 'True');
});

test('hasten looks at once', async () => {
  const api = new OneObjectApi();
  const clock = new ManualClock(0);
  const looking = agent(api, { clock });
  await looking.start(never);
  await api.reached(2);
  while (clock.sleepers === 0) await new Promise(setImmediate);
  looking.hasten();
  await api.reached(3);
  await looking.close();
  assert.equal(api.calls.at(2), 'get nodes');
});

test('closing before the start and twice is fine', async () => {
  const unstarted = agent(new OneObjectApi());
  await unstarted.close();
  await unstarted.close();
});

test('the lease is made with the node as its owner, then renewed every period', async () => {
  const api = new OneObjectApi();
  api.objects.set('nodes', { metadata: { name: 'edge-node', uid: 'u1' } });
  const clock = new ManualClock(Date.parse('2026-11-21T04:05:06.789Z'));
  const lease = new NodeLease({
    nodeName: 'edge-node',
    client: api.client,
    clock,
    random: () => 0,
    logger: silentLogger,
  });
  await lease.start(never);
  await api.reached(3);
  assert.deepEqual(api.calls, ['patch leases', 'get nodes', 'create leases']);
  while (clock.sleepers === 0) await new Promise(setImmediate);
  clock.advance(LEASE_PERIOD_MS);
  await api.reached(4);
  await lease.close();
  const { metadata, ...rest } = api.objects.get('leases') ?? {};
  assert.deepEqual(metadata?.ownerReferences, [{ apiVersion: 'v1', kind: 'Node', name: 'edge-node', uid: 'u1' }]);
  assert.deepEqual(rest['spec'], {
    holderIdentity: 'edge-node',
    leaseDurationSeconds: 40,
    renewTime: '2026-11-21T04:05:16.789000Z',
  });
});
