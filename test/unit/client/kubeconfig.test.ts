import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadKubeconfig } from '../../../src/client/index.ts';

function withFile<T>(text: string, body: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  try {
    writeFileSync(join(folder, 'ca.pem'), 'PEM of the file');
    writeFileSync(join(folder, 'config'), text);
    return body(join(folder, 'config'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const config = (cluster: string, user: string) => `
current-context: here
contexts: [{ name: here, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: ${cluster} }]
users: [{ name: u, user: ${user} }]
`;

test('certificates come from data or from files beside the kubeconfig', () => {
  const text = config(
    '{ server: "https://h:6443", certificate-authority: ca.pem, tls-server-name: kubernetes }',
    `{ client-certificate-data: ${btoa('CERT')}, client-key-data: ${btoa('KEY')} }`,
  );
  assert.deepEqual(withFile(text, loadKubeconfig), {
    server: 'https://h:6443',
    ca: 'PEM of the file',
    serverName: 'kubernetes',
    certificate: 'CERT',
    key: 'KEY',
  });
});

test('faults name the file and what is wrong', () => {
  const cases: [string, RegExp][] = [
    ['{', /kubeconfig .*config: /],
    ['current-context: gone', /current-context "gone" is not there/],
    [config('{}', '{}'), /cluster "c" is not there or has no server/],
    [config('{ server: "https://h" }', '{ exec: { command: aws } }'), /user "u" logs in by a plugin/],
    [config('{ server: "https://h", certificate-authority: no.pem }', '{}'), /cannot read .*no\.pem/],
  ];
  for (const [text, message] of cases) {
    withFile(text, (file) => {
      assert.throws(() => loadKubeconfig(file), { name: 'UserError', message });
    });
  }
});
