/** Writes that wait, while the process that took them is killed again and again: none is lost, none comes twice, none overtakes. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../../src/api/object.ts';
import { FakeUpstream } from '../../support/fake-upstream.ts';
import { MetaClient } from '../../support/meta-client.ts';
import { type RunningProcess, StandbyProcesses } from '../../support/standby-processes.ts';
import { temporaryFolder } from '../../support/site-process.ts';

const OFFLINE_KILLS = 30;
const REPLAY_KILLS = 10;
const KILL_WITHIN_MS = 40;
const WRITERS = 2;
const MAPS = '/api/v1/namespaces/default/configmaps';
const PROGRAM = new URL('../../support/edge-writer-child.ts', import.meta.url).pathname;

/** An API server that may be away; notes each write that it took. */
class Upstream {
  readonly api = new FakeUpstream();
  readonly taken: string[] = [];
  away = false;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      if (this.away) request.socket.destroy();
      else void this.#answer(request, response);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const asked = { method, target, headers: headers as Record<string, string>, body };
    const answer = await this.api.send(asked, new AbortController().signal);
    if (method !== 'GET' && answer.status < 300) this.taken.push(nameOf(method, body));
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.body);
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** What a write is told by in all lists: its own number. */
function nameOf(method: string, body: Uint8Array): string {
  const { metadata, data } = JSON.parse(Buffer.from(body).toString()) as KubeObject & { data: { n: string } };
  return method === 'POST' ? `POST ${metadata?.name}` : `PATCH ${data.n}`;
}

/** Creates objects one after the other, and counts up one that is there, each third time. */
class Writer {
  readonly #id: number;
  #next = 0;
  readonly accepted: string[] = [];
  /** Sent, and the process was killed before it answered. */
  readonly unsure: string[] = [];

  constructor(id: number) {
    this.#id = id;
  }

  /** Until the process is gone. `onAccepted` hears of the first. */
  async write(port: number, onAccepted: () => void): Promise<void> {
    const { ask } = new MetaClient(() => port);
    for (;;) {
      const number = `w${this.#id}-${this.#next}`;
      const patches = this.#next % 3 === 2;
      const metadata = patches ? {} : { name: number };
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { n: number } });
      const [method, target] = patches ? ['PATCH', `${MAPS}/counter-${this.#id}`] : ['POST', MAPS];
      const type = patches ? 'application/merge-patch+json' : 'application/json';
      const status = await ask(target, { 'content-type': type }, method, body).then(
        (answer) => answer.status,
        () => undefined,
      );
      // Full, or the process does not know yet that the API is away: nothing was accepted.
      if (status === 429) return;
      if (status === 503) continue;
      this.#next += 1;
      if (status === undefined) return void this.unsure.push(`${method} ${number}`);
      assert.equal(status, patches ? 200 : 201, `${method} ${number}`);
      this.accepted.push(`${method} ${number}`);
      onAccepted();
    }
  }
}

async function offlineRound(running: RunningProcess, writers: readonly Writer[]): Promise<void> {
  const accepted = Promise.withResolvers<void>();
  const ended = Promise.all(writers.map((writer) => writer.write(Number(running.said), accepted.resolve)));
  await Promise.race([accepted.promise, ended]);
  await sleep(randomInt(KILL_WITHIN_MS));
  await running.kill();
  await ended;
}

/** Until the edge knows the objects that are patched, without the API. */
async function learn(port: number, upstream: Upstream): Promise<void> {
  const { ask } = new MetaClient(() => port);
  assert.equal((await ask(MAPS)).status, 200);
  upstream.away = true;
  while ((await ask(MAPS)).status !== 200) await setImmediate();
}

async function replayed(port: number): Promise<void> {
  const { ask } = new MetaClient(() => port);
  while (!/^edgesite_metaserver_waiting_writes 0$/m.test((await ask('/edgesite/metrics')).text)) await setImmediate();
}

/** A patch whose answer was lost is sent again, at once; a creation is looked up. */
function withoutRepeats(taken: readonly string[]): string[] {
  return taken.filter((write, index) => write.startsWith('POST') || write !== taken[index - 1]);
}

const limit = { timeout: 240_000 };

test(`${OFFLINE_KILLS} kills while writes are taken, ${REPLAY_KILLS} while they are replayed`, limit, async () => {
  const folder = await temporaryFolder();
  const upstream = new Upstream();
  const writers = Array.from({ length: WRITERS }, (_, id) => new Writer(id));
  for (const id of writers.keys())
    upstream.api.put(MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `counter-${id}` } });
  const processes = await StandbyProcesses.of(PROGRAM, [folder.path, await upstream.listen()]);
  try {
    const first = await processes.start();
    await learn(Number(first.said), upstream);
    await first.kill();
    for (let round = 0; round < OFFLINE_KILLS; round += 1) await offlineRound(await processes.start(), writers);
    upstream.away = false;
    for (let round = 0; round < REPLAY_KILLS; round += 1) {
      const running = await processes.start();
      await sleep(randomInt(KILL_WITHIN_MS));
      await running.kill();
    }
    const last = await processes.start();
    await replayed(Number(last.said));
    await last.kill();

    const made = upstream.taken.filter((write) => write.startsWith('POST'));
    assert.equal(new Set(made).size, made.length, 'nothing is made twice');
    for (const [id, { accepted, unsure }] of writers.entries()) {
      const taken = withoutRepeats(upstream.taken.filter((write) => write.includes(` w${id}-`)));
      assert.deepEqual(
        taken.filter((write) => !unsure.includes(write)),
        accepted,
      );
      assert.ok(taken.every((write) => accepted.includes(write) || unsure.includes(write)));
    }
    const count = writers.flatMap(({ accepted }) => accepted).length;
    assert.ok(count >= OFFLINE_KILLS, 'each kill came after at least one was accepted');
  } finally {
    processes.close();
    upstream.close();
    await folder.remove();
  }
});
