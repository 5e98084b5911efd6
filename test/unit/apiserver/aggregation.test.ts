import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, LOCAL, serviceProblem, withAvailability } from '../../../src/apiserver/aggregation/availability.ts';
import { AUTO_MANAGED } from '../../../src/apiserver/aggregation/local-api-services.ts';
import { planRegistration } from '../../../src/apiserver/aggregation/plan-registration.ts';
import type { ApiService } from '../../../src/api/kinds.ts';

const managed = (label?: string): ApiService => ({
  metadata: { name: 'v1.x', ...(label === undefined ? {} : { labels: { [AUTO_MANAGED]: label } }) },
});

test('local groups are registered as upstream does it', () => {
  const [onStart, always, own] = [managed('onstart'), managed('true'), managed()];
  const rows: [desired: ApiService | undefined, current: ApiService | undefined, first: boolean, kind: string][] = [
    [undefined, undefined, true, 'none'],
    [undefined, onStart, true, 'delete'],
    [undefined, onStart, false, 'none'],
    [undefined, always, false, 'delete'],
    [undefined, own, true, 'none'],
    [onStart, undefined, true, 'create'],
    [onStart, undefined, false, 'none'],
    [onStart, onStart, true, 'update'],
    [onStart, onStart, false, 'none'],
    [onStart, own, true, 'none'],
    [always, undefined, false, 'create'],
    [always, always, false, 'update'],
    [always, own, false, 'none'],
  ];
  for (const [desired, current, first, kind] of rows) {
    assert.equal(planRegistration(desired, current, first).kind, kind, JSON.stringify([desired, current, first]));
  }
});

const target = { namespace: 'n', name: 's', port: 443 };
const service = (spec: object) => ({
  metadata: { name: 's' },
  spec: { ports: [{ name: 'https', port: 443 }], ...spec },
});
const slice = (ready: boolean, port = 'https') => ({
  metadata: { labels: { 'kubernetes.io/service-name': 's' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
  ports: [{ name: port, port: 8443 }],
});

test('what keeps a service from being asked is told in the words of upstream', () => {
  const rows: [found: unknown, expected: unknown][] = [
    [serviceProblem(target, undefined, []), failed('ServiceNotFound', 'service/s in "n" is not present')],
    [
      serviceProblem(target, service({ ports: [{ port: 80 }] }), []),
      failed('ServicePortError', 'service/s in "n" is not listening on port 443'),
    ],
    [
      serviceProblem(target, service({}), []),
      failed('EndpointsNotFound', 'cannot find endpointslices for service/s in "n"'),
    ],
    [
      serviceProblem(target, service({}), [slice(false), slice(true, 'http')]),
      failed('MissingEndpoints', 'endpointslices for service/s in "n" have no addresses with port name "https"'),
    ],
    [serviceProblem(target, service({}), [slice(true)]), undefined],
    [serviceProblem(target, service({ type: 'ExternalName' }), []), undefined],
  ];
  for (const [found, expected] of rows) assert.deepEqual(found, expected);
});

test('the condition changes its time only with its status', () => {
  const early = '2026-01-01T00:00:00Z';
  const late = '2026-01-02T00:00:00Z';
  const away = withAvailability({}, failed('ServiceNotFound', 'x'), early);
  assert.equal(withAvailability(away, failed('ServiceNotFound', 'x'), late), away);
  const timeOf = (each: ApiService): string | undefined => each.status?.conditions?.[0]?.lastTransitionTime;
  assert.equal(timeOf(withAvailability(away, failed('EndpointsNotFound', 'y'), late)), early);
  assert.equal(timeOf(withAvailability(away, LOCAL, late)), late);
});
