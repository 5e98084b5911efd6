/** Closed-loop load: so many callers, each asks again as soon as it has its answer. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { ServerConnection } from '../../src/client/index.ts';

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadTarget extends ServerConnection {
  readonly path: string;
}

const WARM_UP_MS = 1_000;

export async function measureReads(target: LoadTarget, callers: number, durationMs: number): Promise<Load> {
  const times: number[] = [];
  const began = performance.now();
  const ask = asker(target, callers);
  const caller = async (): Promise<void> => {
    for (let now = performance.now(); now - began < WARM_UP_MS + durationMs; ) {
      await ask();
      const ended = performance.now();
      if (now - began >= WARM_UP_MS) times.push(ended - now);
      now = ended;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { perSecond: (times.length / durationMs) * 1000, p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) };
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

function asker({ server, ca, certificate, key, path }: LoadTarget, callers: number): () => Promise<void> {
  const { hostname: host, port, protocol } = new URL(server);
  const kept = { keepAlive: true, maxSockets: callers };
  const secure = protocol === 'https:';
  const agent = secure ? new SecureAgent({ ...kept, ca, cert: certificate, key }) : new Agent(kept);
  return async () => {
    const outgoing = (secure ? secureRequest : plainRequest)({ agent, host, port, path });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
  };
}
