import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notFound } from '../../../src/api/status-error.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { metaSite } from '../../support/meta-site.ts';

test('pages of the site are answered with and without the API', async () => {
  const asked: string[] = [];
  const pages = {
    page: (path: string, query: URLSearchParams) => {
      asked.push(`${path} ${query.get('limit')}`);
      if (path === '/metrics') return undefined;
      if (path === '/gone') throw notFound(builtIn('v1', 'pods'), 'gone');
      return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"kind":"Page"}') };
    },
  };
  const site = await metaSite({ pages });
  try {
    assert.equal((await site.ask('/edgesite/devices/x?limit=5')).text, '{"kind":"Page"}');
    assert.equal((await site.ask('/edgesite/gone')).status, 404);
    site.api.mode = 'refuses';
    assert.equal((await site.ask('/edgesite/devices/x?limit=6')).text, '{"kind":"Page"}');
    assert.match((await site.ask('/edgesite/metrics')).text, /edgesite_metaserver_requests_total/);
    assert.deepEqual(asked.slice(0, 3), ['/devices/x 5', '/gone null', '/devices/x 6']);
  } finally {
    await site.close();
  }
});
