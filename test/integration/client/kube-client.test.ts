import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import { hasReason } from '../../../src/api/status-error.ts';
import { createKubeClient, HttpTransport, InProcessTransport } from '../../../src/client/index.ts';
import { testKubeClient } from '../../contract/kube-client.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { serveHttp } from '../../support/http-front.ts';

testKubeClient('in process', () => {
  const transport = new InProcessTransport(new FakeApi(), { name: 'tester', groups: [] });
  return Promise.resolve({ client: createKubeClient(transport), close: () => Promise.resolve() });
});

testKubeClient('over HTTP', async () => {
  const front = await serveHttp(new FakeApi());
  const transport = new HttpTransport({ connection: { server: front.url }, userAgent: 'test' });
  return {
    client: createKubeClient(transport),
    close: async () => {
      transport.close();
      await front.close();
    },
  };
});

test('a server that is away is ServiceUnavailable, with the cause', async (context) => {
  const front = await serveHttp(new FakeApi());
  await front.close();
  const transport = new HttpTransport({ connection: { server: front.url }, userAgent: 'test' });
  const reading = createKubeClient(transport).get(builtIn('v1', 'nodes'), { name: 'n' }, context.signal);
  await assert.rejects(reading, (error: Error) => {
    assert.ok(hasReason(error, 'ServiceUnavailable'));
    assert.match(error.message, /^no answer from http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    return error.cause !== undefined;
  });
});

test('requests carry the token of the connection', async (context) => {
  const api = new FakeApi();
  const front = await serveHttp(api);
  const transport = new HttpTransport({ connection: { server: front.url, token: 'abc' }, userAgent: 'test' });
  await createKubeClient(transport).list(builtIn('v1', 'nodes'), {}, context.signal);
  transport.close();
  await front.close();
  assert.deepEqual(api.requests, [{ method: 'GET', target: '/api/v1/nodes', caller: 'Bearer abc' }]);
});
