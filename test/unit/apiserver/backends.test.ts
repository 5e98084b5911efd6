import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goNetworkError } from '../../../src/apiserver/backends/go-network-error.ts';
import { resolveService } from '../../../src/apiserver/backends/service-resolver.ts';

test('failures of the network are told in the words of Go', () => {
  const failed = (code: string, rest: object = {}): Error =>
    Object.assign(new Error(`in the words of Node`), { code, ...rest });
  const rows: [error: unknown, text: string][] = [
    [failed('ECONNREFUSED', { address: '127.0.0.1', port: 1 }), 'dial tcp 127.0.0.1:1: connect: connection refused'],
    [failed('EHOSTUNREACH', { address: '::1', port: 9 }), 'dial tcp [::1]:9: connect: no route to host'],
    [
      failed('ECONNREFUSED', { errors: [failed('ECONNREFUSED', { address: '::1', port: 2 })] }),
      'dial tcp [::1]:2: connect: connection refused',
    ],
    [failed('ENOTFOUND', { hostname: 'nowhere' }), 'dial tcp: lookup nowhere: no such host'],
    [failed('ECONNRESET'), 'EOF'],
    [
      failed('CERT_HAS_EXPIRED'),
      'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
    ],
    [
      failed('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'DNS:a, IP Address:10.0.0.1' }, host: 'b' }),
      'tls: failed to verify certificate: x509: certificate is valid for a, 10.0.0.1, not b',
    ],
    [failed('ESOMETHING'), 'in the words of Node'],
    ['no error at all', 'no error at all'],
  ];
  for (const [error, text] of rows) assert.equal(goNetworkError(error), text);
});

const service = { metadata: { name: 's' }, spec: { ports: [{ name: 'https', port: 443, targetPort: 8443 }] } };
const slice = (ready: boolean | undefined, address: string, name = 's'): object => ({
  metadata: { labels: { 'kubernetes.io/service-name': name } },
  endpoints: [{ addresses: [address], ...(ready === undefined ? {} : { conditions: { ready } }) }],
  ports: [
    { name: 'metrics', port: 9090 },
    { name: 'https', port: 8443 },
  ],
});

function resolve(spec: object, slices: object[], random = 0): Promise<unknown> {
  const objects = {
    get: () => Promise.resolve({ ...service, spec: { ...service.spec, ...spec } }),
    list: () => Promise.resolve(slices as []),
  };
  return resolveService({ namespace: 'n', name: 's', port: 443 }, objects, () => random);
}

test('a service is reached at one of its ready endpoints, at the port of the same name', async () => {
  const slices = [
    slice(false, '10.0.0.1'),
    slice(true, '10.0.0.2'),
    slice(undefined, '10.0.0.3'),
    slice(true, '10.0.0.4', 't'),
  ];
  assert.deepEqual(await resolve({}, slices), { host: '10.0.0.2', port: 8443 });
  assert.deepEqual(await resolve({}, slices, 0.9), { host: '10.0.0.3', port: 8443 });
  assert.deepEqual(await resolve({ type: 'ExternalName', externalName: 'out.example' }, []), {
    host: 'out.example',
    port: 443,
  });
  await assert.rejects(resolve({}, [slice(false, '10.0.0.1')]), { message: 'no endpoints available for service "s"' });
  await assert.rejects(resolve({ ports: [{ port: 80 }] }, slices), {
    message: 'no service port 443 found for service "s"',
  });
});
