/** The real process under a thousand requests that no server may accept: it stays up and small, and stores nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { loadKubeconfig } from '../../src/client/index.ts';
import { malformedRequests } from '../support/malformed-requests.ts';
import { RawSender } from '../support/raw-sender.ts';
import { freePorts, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const CONNECTIONS = 16;
/** V8 may grow to its limit in the launcher; what is beyond it would be held outside of its heap. */
const MAX_RESIDENT_MIB = 400;
const MAX_HEAP_GROWTH = 1.25;
const SEED = 20_260_101;

const folder = await temporaryFolder();
let site: SiteProcess;

before(async () => {
  const set = ['modules.enabled=[apiserver, controllers]'];
  site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts(), set });
  await kubectl('create', 'namespace', 'fuzz');
  await kubectl('-n', 'fuzz', 'create', 'configmap', 'victim', '--from-literal=text=kept');
});

after(async () => {
  await site.stop();
  await folder.remove();
});

test('a thousand malformed requests are refused; nothing is stored, the process stays up and its memory bounded', async (t) => {
  const before = await stored();
  const requests = malformedRequests(drawn(SEED));
  assert.ok(requests.length >= 1_000, `${requests.length} requests`);
  const { server, ca = '', certificate = '', key = '' } = loadKubeconfig(site.kubeconfig);
  const sender = new RawSender(Number(new URL(server).port), { ca, cert: certificate, key });

  const accepted: string[] = [];
  const round = async (): Promise<number> => {
    const waiting = [...requests];
    const worker = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const status = await sender.send(next);
        if (status !== undefined && (status < 400 || status >= 500)) accepted.push(`${next.name}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    return residentMib(site.child.pid ?? 0);
  };
  const first = await round();
  const second = await round();
  t.diagnostic(
    `${requests.length} requests twice: ${first.toFixed(0)} MiB after one round, ${second.toFixed(0)} after two`,
  );

  assert.deepEqual(accepted, [], 'everything is refused as the fault of the client');
  assert.equal(site.child.exitCode, null);
  assert.deepEqual(await stored(), before);
  assert.ok(second < MAX_RESIDENT_MIB, `${second} MiB`);
  assert.ok(second < first * MAX_HEAP_GROWTH, `${first} MiB after one round, ${second} MiB after two`);
  assert.deepEqual(
    site.lines.filter((line) => line.includes(' ERROR ')),
    [],
  );
});

/** All that could have been touched, with its versions. */
async function stored(): Promise<string[]> {
  const kinds = 'configmaps,secrets,pods,deployments,serviceaccounts';
  const out = await kubectl(
    '-n',
    'fuzz',
    'get',
    kinds,
    '-o',
    'custom-columns=K:.kind,N:.metadata.name,V:.metadata.resourceVersion',
  );
  return out.trim().split('\n');
}

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await site.kubectl(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

function residentMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) / 1024;
}

/** The same numbers for the same seed (a linear congruential generator). */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
