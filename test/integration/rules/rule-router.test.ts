/** Rules on a real API server, a real broker and real HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient, InProcessTransport } from '../../../src/client/index.ts';
import { HttpServer } from '../../../src/http/index.ts';
import { RuleRouter } from '../../../src/rules/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { kubectlPath } from '../../support/kubectl.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';
import { runTool } from '../../support/site-process.ts';

let api: TestApiServer;
let site: Awaited<ReturnType<typeof testBroker>>;
let router: RuleRouter;
let door: HttpServer;
const received: string[] = [];
let heard: () => void = () => undefined;
/** Refuses what holds `bad`. */
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    response.statusCode = body.includes('bad') ? 500 : 200;
    if (request.url?.startsWith('/service') === true) {
      response.statusCode = 418;
      response.setHeader('x-own', request.headers['x-own'] ?? '');
      return response.end(`${request.method} ${request.url} ${body}`);
    }
    response.end();
    if (!body.includes('bad')) received.push(`${request.method} ${request.url} ${body}`);
    heard();
  });
});

async function kubectl(args: string[], input?: object): Promise<string> {
  const stdin = input === undefined ? undefined : JSON.stringify(input);
  const output = await runTool(kubectlPath('1.35'), ['--kubeconfig', api.kubeconfig, ...args], stdin);
  assert.equal(output.code, 0, `kubectl ${args.join(' ')}: ${output.stderr}`);
  return output.stdout;
}

async function untilReceived(count: number): Promise<string[]> {
  while (received.length < count) await new Promise<void>((resolve) => (heard = resolve));
  return received.splice(0);
}

before(async () => {
  api = await startApiServer();
  site = await testBroker();
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  await kubectl(['apply', '--server-side', '-f', 'manifests/rules.yaml']);
  const names = ['rules', 'ruleendpoints'].map((plural) => `crd/${plural}.rules.kubeedge.io`);
  await kubectl(['wait', '--for=condition=Established', ...names, '--timeout=20s']);
  const caller = { name: 'system:edgesite:rules:edge-node', groups: ['edgesite:rules', 'system:authenticated'] };
  router = new RuleRouter({
    client: createKubeClient(new InProcessTransport(api.server, caller)),
    bus: site.broker,
    nodeName: 'edge-node',
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  await router.start();
  door = new HttpServer({ name: 'rules', host: '127.0.0.1', port: 0, handler: router, logger: silentLogger });
  await door.start(AbortSignal.timeout(60_000));
  const { port } = receiver.address() as AddressInfo;
  const endpoint = (name: string, ruleEndpointType: string, properties = {}) =>
    object('RuleEndpoint', name, { ruleEndpointType, properties });
  const rule = (name: string, spec: object) => object('Rule', name, spec);
  const toRest = (topic: string, path: string) => ({
    source: 'bus',
    sourceResource: { topic, node_name: 'edge-node' },
    target: 'rest',
    targetResource: { resource: `http://127.0.0.1:${port}/${path}` },
  });
  await kubectl(['apply', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      endpoint('bus', 'eventbus'),
      endpoint('rest', 'rest'),
      endpoint('service', 'servicebus', { service_port: String(port) }),
      endpoint('nobody', 'servicebus', { service_port: '1' }),
      rule('user', toRest('user/#', 'user')),
      rule('upload', toRest('$hw/events/upload/#', 'upload')),
      rule('records', toRest('SYS/dis/upload_records', 'records')),
      rule('down', {
        source: 'rest',
        sourceResource: { path: '/commands' },
        target: 'bus',
        targetResource: { topic: 'plant/commands' },
      }),
      rule('call', {
        source: 'rest',
        sourceResource: { path: '/call' },
        target: 'service',
        targetResource: { path: '/service' },
      }),
      rule('away', {
        source: 'rest',
        sourceResource: { path: '/call/away' },
        target: 'nobody',
        targetResource: { path: '/service' },
      }),
      rule('tell', {
        source: 'bus',
        sourceResource: { topic: 'tell' },
        target: 'service',
        targetResource: { path: '/told' },
      }),
      rule('broken', { source: 'nowhere', sourceResource: {}, target: 'rest', targetResource: {} }),
    ],
  });
  await waitFor('broken', '{.status.errors[0]}', 'there is no RuleEndpoint default/nowhere');
});

after(async () => {
  await door.close();
  await router.close();
  receiver.close();
  await site.close();
  await api.close();
});

function object(kind: string, name: string, spec: object): object {
  return { apiVersion: 'rules.kubeedge.io/v1', kind, metadata: { name }, spec };
}

function waitFor(rule: string, path: string, value: string): Promise<string> {
  return kubectl(['wait', `--for=jsonpath=${path}=${value}`, `rule/${rule}`, '--timeout=20s']);
}

test('messages of the three kinds of topics are posted to their URLs, and counted', async () => {
  const client = await site.connect();
  const messages = [
    ['default/user/a', '{"n":1}', 'POST /user {"n":1}'],
    ['$hw/events/upload/b', '{"n":2}', 'POST /upload {"n":2}'],
    ['SYS/dis/upload_records', '{"n":3}', 'POST /records {"n":3}'],
  ] as const;
  for (const [topic, payload, expected] of messages) {
    await client.publishAsync(topic, payload, { qos: 1 });
    assert.deepEqual(await untilReceived(1), [expected]);
  }
  await waitFor('user', '{.status.successMessages}', '1');
});

test('a message that is refused is tried again, then counted as failed with its error', async () => {
  const client = await site.connect();
  await client.publishAsync('default/user/a', 'bad', { qos: 1 });
  await waitFor('user', '{.status.failMessages}', '1');
  assert.match(await kubectl(['get', 'rule', 'user', '-o', 'jsonpath={.status.errors[0]}']), /answered 500$/);
});

test('what is posted to the path of a rule is published', async () => {
  const client = await site.connect();
  const mail = inbox(client);
  await client.subscribeAsync('plant/commands');
  const base = `http://127.0.0.1:${door.port}/edge-node/default`;
  const answer = await fetch(`${base}/commands`, { method: 'POST', body: 'go' });
  assert.equal(answer.status, 200);
  assert.deepEqual(
    (await mail.take(1)).map(({ text }) => text),
    ['go'],
  );
  assert.equal((await fetch(`${base}/other`, { method: 'POST', body: 'go' })).status, 404);
  assert.equal((await fetch(`${base}/commands`)).status, 405);
  await waitFor('down', '{.status.successMessages}', '1');
});

test('requests go to the service of the node, and its answers come back whole', async () => {
  const base = `http://127.0.0.1:${door.port}/edge-node/default/call`;
  const posted = await fetch(base, { method: 'POST', body: 'go', headers: { 'x-own': 'mine' } });
  assert.deepEqual([posted.status, posted.headers.get('x-own')], [418, 'mine']);
  assert.equal(await posted.text(), 'POST /service go');
  assert.equal(await (await fetch(`${base}/below?a=1`, { method: 'DELETE' })).text(), 'DELETE /service/below?a=1 ');
  await waitFor('call', '{.status.successMessages}', '2');
});

test('a service that does not answer is told of', async () => {
  const answer = await fetch(`http://127.0.0.1:${door.port}/edge-node/default/call/away`);
  assert.equal(answer.status, 502);
  assert.match(await answer.text(), /^the service did not answer: http:\/\/127\.0\.0\.1:1\/service: .*ECONNREFUSED/);
  await waitFor('away', '{.status.failMessages}', '1');
});

test('messages of a topic go to the service of the node', async () => {
  const client = await site.connect();
  await client.publishAsync('default/tell', 'hello', { qos: 1 });
  assert.deepEqual(await untilReceived(1), ['POST /told hello']);
});

test('a rule that goes carries no more', async () => {
  await kubectl(['delete', 'rule', 'down']);
  const url = `http://127.0.0.1:${door.port}/edge-node/default/commands`;
  let status = 200;
  while (status === 200) status = (await fetch(url, { method: 'POST', body: 'go' })).status;
  assert.equal(status, 404);
});
