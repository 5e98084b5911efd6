import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EndpointSlice, Service } from '../../../../src/api/kinds.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { createKubeClient, Informer, InProcessTransport } from '../../../../src/client/index.ts';
import { ServiceProxy } from '../../../../src/network/index.ts';
import type { PacketFilter } from '../../../../src/network/proxy/iptables.ts';
import { readTable, type Table } from '../../../../src/network/proxy/rule-set.ts';
import { MissingProgram } from '../../../../src/network/run-program.ts';
import { FakeApi } from '../../../support/fake-api.ts';

const SERVICES = builtIn('v1', 'services');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const DEADLINE_MS = 60_000;
const SETTLED_MS = 100;
const CHECKED_MS = 60_000;

/** A packet filter in memory that takes what `iptables-restore` takes; empty tables can be had by `flush`. */
class FakeFilter implements PacketFilter {
  failure: Error | undefined;
  /** Whether the kernel has the table. */
  hasRaw = true;
  readonly inputs: string[] = [];
  looks = 0;
  readonly #saved = {
    nat: new Map<string, string[]>(),
    filter: new Map<string, string[]>(),
    raw: new Map<string, string[]>(),
  };

  look(table: Table, prefix: string) {
    this.looks += 1;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (table === 'raw' && !this.hasRaw) return Promise.reject(new Error('no table raw'));
    const chains = [...this.#saved[table]];
    const lines = [
      ...chains.map(([name]) => `:${name} - [0:0]`),
      ...chains.flatMap(([name, rules]) => rules.map((rule) => `-A ${name} ${rule}`)),
    ];
    return Promise.resolve(readTable(lines.join('\n'), prefix));
  }

  restore(input: string) {
    const [head = '', ...lines] = input.trim().split('\n');
    const chains = this.#saved[head.slice(1) as Table];
    for (const line of lines) {
      const [word = '', chain = '', ...rule] = line.split(' ');
      if (word.startsWith(':')) chains.set(word.slice(1), []);
      if (word === '-A' || word === '-I') chains.set(chain, [...(chains.get(chain) ?? []), rule.join(' ')]);
      if (word === '-X') chains.delete(chain);
    }
    this.inputs.push(input);
    return Promise.resolve();
  }

  flush(): void {
    this.#saved.nat.clear();
  }
}

function fixture(t: TestContext) {
  const api = new FakeApi();
  const client = createKubeClient(new InProcessTransport(api, { name: 'system:kube-proxy', groups: [] }));
  const clock = new ManualClock(0);
  const tools = { client, clock, random: () => 0, logger: silentLogger };
  const services = new Informer<Service>({ ...tools, resource: SERVICES });
  const slices = new Informer<EndpointSlice>({ ...tools, resource: SLICES });
  const filter = new FakeFilter();
  const told: string[] = [];
  const proxy = new ServiceProxy(
    { siteId: '1c91cfae', nodeName: 'edge-node', servesNames: false },
    {
      ...tools,
      services,
      slices,
      filter,
      prepareBridge: () => Promise.resolve(true),
      onUnavailable: (message) => told.push(message),
    },
  );
  t.after(() => Promise.all([proxy.close(), services.close(), slices.close()]));
  const start = async (): Promise<void> => {
    await proxy.start();
    services.start();
    slices.start();
    await Promise.all([services.whenSynced(), slices.whenSynced()]);
  };
  const addService = (name: string, protocol = 'TCP') =>
    client.create<Service>(
      SERVICES,
      { namespace: 'n' },
      {
        metadata: { name },
        spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80, protocol }] },
      },
      AbortSignal.timeout(DEADLINE_MS),
    );
  return { api, clock, filter, proxy, told, start, addService };
}

/** Moves the clock in steps until it is so: the proxy waits for changes to settle, and then works for some turns. */
async function until(is: () => boolean, clock: ManualClock, stepMs: number): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  while (!is()) {
    deadline.throwIfAborted();
    clock.advance(stepMs);
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a service that comes changes the rules, and only those chains that it must', async (t) => {
  const { clock, filter, start, addService } = fixture(t);
  await start();
  await until(() => filter.inputs.length === 2, clock, SETTLED_MS);
  await addService('web');
  await until(() => filter.inputs.length === 3, clock, SETTLED_MS);
  const input = filter.inputs[2] ?? '';
  assert.match(input, /^\*filter\n:ES-1c91cfae-NO-CLUSTER - \[0:0\]\n-A ES-1c91cfae-NO-CLUSTER -d 10\.96\.0\.9\/32 /);
  assert.doesNotMatch(input, /FORWARD/);
});

test('flushed rules are written again at the next check', async (t) => {
  const { clock, filter, start } = fixture(t);
  await start();
  await until(() => filter.inputs.length === 2, clock, SETTLED_MS);
  filter.flush();
  await until(() => filter.inputs.length > 2, clock, CHECKED_MS);
  assert.ok(filter.inputs.slice(2).some((input) => input.includes('-I PREROUTING -j ES-1c91cfae-PREROUTING')));
});

test('without iptables that is said once, and the rules are there as soon as it is', async (t) => {
  const { clock, filter, proxy, told, start } = fixture(t);
  filter.failure = new MissingProgram('iptables-save is not installed');
  await start();
  await until(() => filter.looks > 3, clock, CHECKED_MS);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /iptables-save is not installed\. Install the package iptables, or switch this off/);
  assert.deepEqual(proxy.readiness(), { ready: true, reason: told[0] });
  filter.failure = undefined;
  await until(() => filter.inputs.length === 2 && proxy.readiness().reason === undefined, clock, CHECKED_MS);
});

test('a kernel that cannot track sessions apart routes services all the same', async (t) => {
  const { clock, filter, proxy, told, start, addService } = fixture(t);
  filter.hasRaw = false;
  await addService('names', 'UDP');
  await start();
  await until(() => filter.inputs.length === 2, clock, SETTLED_MS);
  await addService('web');
  await until(() => filter.inputs.length === 3, clock, SETTLED_MS);
  assert.ok(filter.inputs.every((input) => !input.startsWith('*raw')));
  assert.deepEqual([proxy.readiness(), told], [{ ready: true }, []]);
});
