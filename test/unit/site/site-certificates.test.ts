import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { loadSitePki, type SitePki } from '../../../src/pki/index.ts';
import { SiteCertificates } from '../../../src/site/site-certificates.ts';

const DAY_MS = 24 * 3600_000;
const folder = await mkdtemp(join(tmpdir(), 'edgesite-renewal-'));
after(() => rm(folder, { recursive: true }));

test('certificates that age are renewed while the site runs, and who shows them is told', async () => {
  const clock = new ManualClock(Date.now());
  const hosts = ['localhost', '127.0.0.1'];
  let loads = 0;
  const loaded = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const load = (): Promise<SitePki> =>
    loadSitePki({ folder, nodeName: 'edge-node', apiHosts: hosts, nodeHosts: hosts, now: clock.now() }).finally(() => {
      loaded[loads]?.resolve();
      loads += 1;
    });
  const first = await load();
  const certificates = new SiteCertificates(first, { load, clock, logger: silentLogger });
  const client = certificates.live('kubeletClient');
  const told: SitePki[] = [];
  const renewed = Promise.withResolvers<void>();
  certificates.onRenewed((pki) => {
    told.push(pki);
    renewed.resolve();
  });
  await certificates.start();

  clock.advance(DAY_MS);
  await loaded[1]?.promise;
  assert.equal(told.length, 0, 'a day old is not aged');
  while (clock.sleepers === 0) await new Promise(setImmediate);
  clock.advance(500 * DAY_MS);
  await renewed.promise;
  assert.equal(told[0]?.authority.certPem, first.authority.certPem);
  assert.equal(told[0]?.serviceAccount.privateKeyPem, first.serviceAccount.privateKeyPem);
  for (const leaf of ['apiServer', 'admin', 'kubelet', 'kubeletClient', 'frontProxyClient'] as const) {
    assert.notEqual(told[0]?.[leaf].certPem, first[leaf].certPem, leaf);
  }
  assert.equal(client.certPem, told[0]?.kubeletClient.certPem);
  await certificates.close();
});
