import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtIn } from '../../../src/api/resources.ts';
import { createKubeClient, HttpTransport, InProcessTransport, loadKubeconfig } from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';
import { startHookServer } from '../../support/hook-server.ts';

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- {level: Metadata, resources: [{group: '', resources: [secrets]}], users: [admin]}
- {level: RequestResponse, resources: [{group: '', resources: [configmaps]}], users: [admin]}
- {level: Metadata, resources: [{group: '', resources: [pods]}]}
- {level: None}
`;

interface AuditEvent {
  readonly level: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly sourceIPs?: readonly string[];
  readonly objectRef?: object;
  readonly responseStatus?: { readonly code: number; readonly reason?: string };
  readonly requestObject?: { readonly data?: object };
  readonly responseObject?: { readonly metadata?: { readonly managedFields?: unknown; readonly uid?: string } };
  readonly annotations?: Readonly<Record<string, string>>;
}

test('the audit log holds what its policy asks for, and no more', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-audit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [policyFile, file] = [join(folder, 'policy.yaml'), join(folder, 'audit.log')];
  writeFileSync(policyFile, POLICY);
  const api = await startApiServer({ audit: { policyFile, file, maxSizeBytes: 1e6, maxBackups: 1 } });
  const { signal } = new AbortController();
  const namespace = 'default';
  const wire = createKubeClient(
    new HttpTransport({ connection: loadKubeconfig(api.kubeconfig), userAgent: 'auditor/1' }),
  );
  const hook = await startHookServer(() => ({ allowed: true, auditAnnotations: { seen: 'yes' } }));
  t.after(() => hook.close());
  const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];
  const webhook = {
    name: 'h.example.com',
    clientConfig: hook.config,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  const webhooks = [{ ...webhook, rules }];
  const configurations = builtIn('admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations');
  await wire.create(configurations, {}, { metadata: { name: 'h' }, webhooks }, signal);
  const secret = { metadata: { name: 's' }, stringData: { password: 'hunter2' } };
  await wire.create(builtIn('v1', 'secrets'), { namespace }, secret, signal);
  await wire.create(builtIn('v1', 'configmaps'), { namespace }, { metadata: { name: 'c' }, data: { a: '1' } }, signal);
  const outsider = createKubeClient(new InProcessTransport(api.server, { name: 'outsider', groups: [] }));
  await assert.rejects(outsider.list(builtIn('v1', 'pods'), { namespace }, signal));
  const { certificate: _certificate, key: _key, ...bare } = loadKubeconfig(api.kubeconfig);
  const forged = createKubeClient(new HttpTransport({ connection: { ...bare, token: 'forged' }, userAgent: 'x' }));
  await assert.rejects(forged.list(builtIn('v1', 'pods'), { namespace }, signal), { reason: 'Unauthorized' });
  const acting = new InProcessTransport(api.server, { name: 'boss', groups: ['system:masters'] });
  const onBehalfOf = { name: 'worker', groups: [] };
  const list = { method: 'GET', target: '/api/v1/namespaces/default/pods', headers: {}, onBehalfOf };
  assert.equal((await acting.send(list, signal)).status, 403);
  const watching = { namespace, sendInitialEvents: true, allowWatchBookmarks: true };
  for await (const { type } of wire.watch(builtIn('v1', 'pods'), watching, signal)) {
    assert.equal(type, 'BOOKMARK');
    break;
  }
  await api.close();
  const text = readFileSync(file, 'utf8');
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent);
  const shown = events.map(({ level, stage, verb, user, responseStatus }) => [
    level,
    stage,
    verb,
    user.username,
    responseStatus?.code,
  ]);
  assert.deepEqual(shown, [
    ['Metadata', 'ResponseComplete', 'create', 'admin', 201],
    ['RequestResponse', 'ResponseComplete', 'create', 'admin', 201],
    ['Metadata', 'ResponseComplete', 'list', 'outsider', 403],
    ['Metadata', 'ResponseComplete', 'list', '', 401],
    ['Metadata', 'ResponseComplete', 'list', 'boss', 403],
    ['Metadata', 'ResponseStarted', 'watch', 'admin', 200],
    ['Metadata', 'ResponseComplete', 'watch', 'admin', 200],
  ]);
  assert.equal(events.find(({ user }) => user.username === 'boss')?.impersonatedUser?.username, 'worker');
  assert.doesNotMatch(text, /hunter2|aHVudGVyMg/);
  const [, map, refused] = events;
  assert.deepEqual(map?.requestObject?.data, { a: '1' });
  assert.match(map.responseObject?.metadata?.uid ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(map.responseObject?.metadata?.managedFields, undefined);
  assert.deepEqual(map.sourceIPs, ['127.0.0.1']);
  assert.deepEqual(map.objectRef, { resource: 'configmaps', namespace, name: 'c', apiVersion: 'v1' });
  assert.deepEqual(map.annotations, { 'h.example.com/seen': 'yes', 'authorization.k8s.io/decision': 'allow' });
  assert.equal(refused?.responseStatus?.reason, 'Forbidden');
  assert.deepEqual(refused.annotations, { 'authorization.k8s.io/decision': 'forbid' });
});
