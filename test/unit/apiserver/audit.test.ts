import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditLog, MAX_WAITING_LINES } from '../../../src/apiserver/audit/audit-log.ts';
import { decideAudit, parsePolicy } from '../../../src/apiserver/audit/policy.ts';
import { parseTarget, requestInfo } from '../../../src/auth/index.ts';
import { silentLogger } from '../../../src/base/logger.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';
const policy = parsePolicy(
  `${HEAD}omitStages: [RequestReceived]
rules:
- {level: None, users: [quiet]}
- {level: None, userGroups: ['system:nodes'], verbs: [watch]}
- {level: Metadata, resources: [{group: '', resources: [secrets]}]}
- {level: Request, resources: [{group: '', resources: ['pods/*']}], omitStages: [ResponseStarted]}
- {level: RequestResponse, resources: [{group: apps}, {group: '', resources: ['*/scale'], resourceNames: [web]}]}
- {level: Metadata, namespaces: [watched]}
- {level: None, nonResourceURLs: ['/healthz*']}
- {level: Metadata, nonResourceURLs: ['*']}
`,
  'policy.yaml',
);

function levelOf(target: string, caller: { name?: string; groups?: string[] } = {}): string {
  const info = requestInfo('GET', parseTarget(target));
  return decideAudit(policy, { name: 'ola', groups: [], ...caller }, info).level;
}

test('the first rule that is about a request decides what is written', () => {
  const rows: [target: string, caller: object, level: string][] = [
    ['/api/v1/secrets', { name: 'quiet' }, 'None'],
    ['/api/v1/namespaces/a/secrets/x', {}, 'Metadata'],
    ['/api/v1/secrets?watch=true', { groups: ['system:nodes'] }, 'None'],
    ['/api/v1/secrets', { groups: ['system:nodes'] }, 'Metadata'],
    ['/api/v1/namespaces/a/pods/p/log', {}, 'Request'],
    ['/apis/apps/v1/deployments', {}, 'RequestResponse'],
    ['/api/v1/namespaces/a/replicationcontrollers/web/scale', {}, 'RequestResponse'],
    ['/api/v1/namespaces/a/replicationcontrollers/db/scale', {}, 'None'],
    ['/api/v1/namespaces/watched/configmaps', {}, 'Metadata'],
    ['/api/v1/namespaces/other/configmaps', {}, 'None'],
    ['/healthz/ping', {}, 'None'],
    ['/version', {}, 'Metadata'],
  ];
  for (const [target, caller, level] of rows) assert.equal(levelOf(target, caller), level, target);
  const pods = decideAudit(policy, { name: 'ola', groups: [] }, requestInfo('GET', parseTarget('/api/v1/pods/p/log')));
  assert.deepEqual([pods.omits('RequestReceived'), pods.omits('ResponseComplete')], [true, false]);
});

test('what is no policy is told with its place', () => {
  const rows: [text: string, why: RegExp][] = [
    ['kind: Policy', /it must be of kind Policy in audit\.k8s\.io\/v1\.$/],
    [HEAD, /it has no rules\.$/],
    [
      `${HEAD}rules: [{level: Everything}]`,
      /rules\[0\]: level must be one of None, Metadata, Request, RequestResponse\.$/,
    ],
    [`${HEAD}rules: [{level: None, omitStages: [Later]}]`, /rules\[0\]: omitStages: Later is no stage\.$/],
    [
      `${HEAD}rules: [{level: None, nonResourceURLs: ['*'], namespaces: [a]}]`,
      /rules\[0\]: rules cannot apply to both regular resources and non-resource URLs\.$/,
    ],
    ['a: [', /^apiserver\.audit-policy-file: x\.yaml is no audit policy: /],
  ];
  for (const [text, message] of rows) assert.throws(() => parsePolicy(text, 'x.yaml'), { message });
});

test('the log is rotated by its size, and keeps as many files as it should', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgesite-audit-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'logs', 'audit.log');
  const log = new AuditLog({ file, maxSizeBytes: 25, maxBackups: 2, logger: silentLogger });
  for (let line = 1; line <= 9; line += 1) {
    log.write(`line ${line} ...`);
    await log.flush();
  }
  assert.deepEqual((await readdir(join(folder, 'logs'))).sort(), ['audit.log', 'audit.log.1', 'audit.log.2']);
  const read = (name: string): Promise<string> => readFile(name, 'utf8');
  assert.deepEqual(await Promise.all([file, `${file}.1`, `${file}.2`].map(read)), [
    'line 9 ...\n',
    'line 7 ...\nline 8 ...\n',
    'line 5 ...\nline 6 ...\n',
  ]);
});

test('events that nobody can write any more are lost, not kept in memory', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgesite-audit-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'audit.log');
  const lost: number[] = [];
  const logger = {
    ...silentLogger,
    error: (fields: object) => void ('count' in fields && lost.push(Number(fields.count))),
  };
  const log = new AuditLog({ file, maxSizeBytes: 1e9, maxBackups: 1, logger });
  for (let line = 0; line < MAX_WAITING_LINES + 500; line += 1) log.write(String(line));
  await log.flush();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  assert.equal(lines.length + lost.reduce((sum, each) => sum + each, 0), MAX_WAITING_LINES + 500);
  assert.ok(lost.length > 0, 'nothing was lost');
});
