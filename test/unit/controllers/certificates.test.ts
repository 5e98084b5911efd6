import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CertificateSigningRequest, Node } from '../../../src/api/kinds.ts';
import { approvalProblem, planApproval } from '../../../src/controllers/certificates/csr-approving-controller.ts';
import { planCleaning } from '../../../src/controllers/certificates/csr-cleaning-controller.ts';
import { planSigning } from '../../../src/controllers/certificates/csr-signing-controller.ts';
import { makeCertificateRequest, makeTlsKey } from '../../../src/pki/index.ts';

const HOUR_MS = 3600_000;
const now = Date.UTC(2026, 0, 1);
const authorityEnds = now + 10 * 365 * 24 * HOUR_MS;
const keyPem = await makeTlsKey();
const SERVING = ['digital signature', 'key encipherment', 'server auth'];
const CLIENT = ['digital signature', 'key encipherment', 'client auth'];

interface Wish {
  commonName?: string;
  organizations?: string[];
  hosts?: string[];
  signerName?: string;
  usages?: string[];
  username?: string;
  groups?: string[];
  conditions?: string[];
  expirationSeconds?: number;
}

/** What the metaserver of `edge-node` asks for, with changes. */
function csrOf(wish: Wish = {}): CertificateSigningRequest {
  const subject = {
    commonName: wish.commonName ?? 'system:node:edge-node',
    organizations: wish.organizations ?? ['system:nodes'],
    hosts: wish.hosts ?? ['127.0.0.1', '169.254.30.10'],
  };
  const time = new Date(now).toISOString();
  const conditions = (wish.conditions ?? []).map((type) => ({ type, status: 'True', lastUpdateTime: time }));
  return {
    metadata: { name: 'csr', creationTimestamp: time },
    spec: {
      request: Buffer.from(makeCertificateRequest(keyPem, subject)).toString('base64'),
      signerName: wish.signerName ?? 'kubernetes.io/kubelet-serving',
      usages: wish.usages ?? SERVING,
      username: wish.username ?? 'system:node:edge-node',
      groups: wish.groups ?? ['system:nodes', 'system:authenticated'],
      ...(wish.expirationSeconds === undefined ? {} : { expirationSeconds: wish.expirationSeconds }),
    },
    ...(conditions.length === 0 ? {} : { status: { conditions } }),
  };
}

const node = {
  metadata: { name: 'edge-node' },
  status: {
    addresses: [
      { type: 'InternalIP', address: '10.0.0.7' },
      { type: 'Hostname', address: 'plant-7' },
    ],
  },
} as unknown as Node;

const approval = (wish: Wish, there: Node | undefined = node) => ({
  csr: csrOf(wish),
  node: there,
  edgeAddresses: ['169.254.30.10'],
});

test("a node's request for itself and its own addresses is approved", () => {
  const good: Wish[] = [
    {},
    { usages: ['digital signature', 'server auth'] },
    { hosts: ['10.0.0.7', 'plant-7', 'edge-node', 'localhost', '::1'] },
  ];
  for (const wish of good) {
    const [action] = planApproval(approval(wish)).actions;
    assert.equal(action?.kind, 'approve', JSON.stringify(wish));
  }
});

test('every other request waits for a person, and the reason is known', () => {
  const table: [wish: Wish, why: RegExp][] = [
    [{ organizations: ['system:masters'] }, /organization/],
    [{ organizations: ['system:nodes', 'system:masters'] }, /organization/],
    [{ commonName: 'admin', username: 'admin' }, /common name/],
    [{ hosts: [] }, /subjectAltName is required/],
    [{ usages: [...SERVING, 'client auth'] }, /usages did not match/],
    [{ usages: ['server auth'] }, /usages did not match/],
    [{ username: 'system:node:other' }, /"system:node:other" asks/],
    [{ username: 'system:serviceaccount:default:x', groups: ['system:serviceaccounts'] }, /asks/],
    [{ groups: ['system:authenticated'] }, /asks/],
    [{ hosts: ['127.0.0.1', '10.0.0.8'] }, /10\.0\.0\.8 is no address/],
    [{ hosts: ['127.0.0.1', 'kubernetes.default.svc'] }, /kubernetes\.default\.svc is no address/],
  ];
  for (const [wish, why] of table) {
    assert.match(approvalProblem(approval(wish)) ?? 'none', why, JSON.stringify(wish));
    assert.deepEqual(planApproval(approval(wish)).actions, [], JSON.stringify(wish));
  }
  assert.match(approvalProblem({ ...approval({}), node: undefined }) ?? '', /no node edge-node/);
  const settled: Wish[] = [{ signerName: 'kubernetes.io/kube-apiserver-client' }, { conditions: ['Denied'] }];
  for (const wish of settled) assert.deepEqual(planApproval(approval(wish)).actions, []);
});

const signing = (wish: Wish) => planSigning({ csr: csrOf({ conditions: ['Approved'], ...wish }), authorityEnds }, now);

test('each signer signs what its rules allow, once it is approved', () => {
  const client = { organizations: ['team'], commonName: 'jane', hosts: [], usages: CLIENT };
  const table: [wish: Wish, kind: string | undefined][] = [
    [{}, 'sign'],
    [{ conditions: [] }, undefined],
    [{ conditions: ['Approved', 'Denied'] }, undefined],
    [{ conditions: ['Approved', 'Failed'] }, undefined],
    [{ commonName: 'admin' }, 'fail'],
    [{ ...client, signerName: 'kubernetes.io/kube-apiserver-client' }, 'sign'],
    [{ ...client, signerName: 'kubernetes.io/kube-apiserver-client', usages: SERVING }, 'fail'],
    [{ ...client, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['digital signature'] }, 'fail'],
    [{ ...client, signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }, 'fail'],
    [{ hosts: [], usages: CLIENT, signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }, 'sign'],
    [{ usages: CLIENT, signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }, 'fail'],
    [{ ...client, usages: ['code signing'], signerName: 'kubernetes.io/legacy-unknown' }, 'sign'],
    [{ signerName: 'example.com/mine' }, undefined],
  ];
  for (const [wish, kind] of table) assert.equal(signing(wish).actions[0]?.kind, kind, JSON.stringify(wish));
  assert.equal(
    signing({ commonName: 'admin' }).actions[0]?.reason,
    'subject common name does not begin with system:node:',
  );
});

test('a certificate lasts as long as asked, within bounds, and never longer than its authority', () => {
  const hours = (expirationSeconds?: number, ends = authorityEnds): number => {
    const csr = csrOf({ conditions: ['Approved'], ...(expirationSeconds === undefined ? {} : { expirationSeconds }) });
    const [action] = planSigning({ csr, authorityEnds: ends }, now).actions;
    assert.ok(action?.kind === 'sign');
    assert.equal(action.notBefore, now - 5 * 60_000);
    return (action.notAfter - now) / HOUR_MS;
  };
  assert.equal(hours(3600), 1);
  assert.equal(hours(600), 1 / 6);
  assert.equal(hours(24 * 3600), 24 - 1 / 12);
  assert.equal(hours(), 365 * 24 - 1 / 12);
  assert.equal(hours(10 * 365 * 24 * 3600), 365 * 24 - 1 / 12);
  assert.equal(hours(undefined, now + HOUR_MS), 1);
});

test('settled requests go after an hour, forgotten ones after a day', () => {
  const table: [wish: Wish, afterMs: number, gone: boolean][] = [
    [{}, 23 * HOUR_MS, false],
    [{}, 24 * HOUR_MS, true],
    [{ conditions: ['Denied'] }, 1 * HOUR_MS, true],
    [{ conditions: ['Approved', 'Failed'] }, 1 * HOUR_MS, true],
    [{ conditions: ['Approved'] }, 48 * HOUR_MS, false],
  ];
  for (const [wish, afterMs, gone] of table) {
    const { actions } = planCleaning(csrOf(wish), now + afterMs);
    assert.equal(actions.length === 1, gone, `${JSON.stringify(wish)} after ${afterMs / HOUR_MS} h`);
  }
  const issued = csrOf({ conditions: ['Approved'] });
  issued.status = { ...issued.status, certificate: 'bm9uZQ==' };
  assert.equal(planCleaning(issued, now + HOUR_MS).actions.length, 1);
  assert.equal(planCleaning(issued, now + HOUR_MS - 1).recheckAfterMs, 1);
});
