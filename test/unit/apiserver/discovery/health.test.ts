import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Readiness } from '../../../../src/base/component.ts';
import { Health } from '../../../../src/apiserver/discovery/health.ts';
import { healthChecks } from '../../../../src/apiserver/discovery/health-checks.ts';

const READY: Readiness = { ready: true };

function health(site: Readiness, serving: Readiness = READY): Health {
  return new Health(healthChecks({ serving: () => serving, others: [{ name: 'site', read: () => site }] }));
}

function answer(from: Health, path: string, query = ''): { status: number; text: string } | undefined {
  return from.answer(path, new URLSearchParams(query));
}

test('checks answer one by one and together, under the names of kube-apiserver', () => {
  const ready = health(READY);
  assert.deepEqual(answer(ready, '/readyz'), { status: 200, text: 'ok' });
  assert.deepEqual(answer(ready, '/livez/poststarthook/rbac/bootstrap-roles'), { status: 200, text: 'ok' });
  assert.equal(answer(ready, '/readyz/nope')?.status, 404);
  assert.equal(answer(ready, '/version'), undefined);
  assert.match(answer(ready, '/livez', 'verbose')?.text ?? '', /^\[\+\]ping ok\n(.*ok\n)+livez check passed\n$/);
});

test('a part that is not ready holds back readiness, not liveness, and is named', () => {
  const waiting = health({ ready: false, reason: 'edged starts' });
  assert.equal(answer(waiting, '/livez')?.status, 200);
  assert.equal(answer(waiting, '/readyz')?.status, 500);
  assert.match(answer(waiting, '/readyz', 'verbose')?.text ?? '', /^\[-\]informer-sync failed: site: edged starts$/m);
  assert.equal(answer(waiting, '/readyz', 'exclude=informer-sync')?.status, 200);
  assert.match(waiting.metrics(), /^kubernetes_healthcheck\{name="informer-sync",type="readyz"\} 0$/m);
  const closing = health(READY, { ready: false, reason: 'closing' });
  assert.equal(answer(closing, '/readyz/shutdown')?.status, 500);
  assert.equal(answer(closing, '/livez')?.status, 200);
});
