import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { CertificateSigningRequest } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import type { KubeClient } from '../../../src/client/index.ts';
import { makeCertificateRequest, makeTlsKey } from '../../../src/pki/index.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';
import { testPki } from '../../support/pki.ts';

const NEVER = new AbortController().signal;
const REQUESTS = builtIn('certificates.k8s.io/v1', 'certificatesigningrequests');
const SIGNER = 'kubernetes.io/kube-apiserver-client';
let site: ControlPlane;

before(async () => {
  site = await startControlPlane({ authority: (await testPki()).authority });
  await grant('requester', [
    { verbs: ['create', 'get'], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'] },
  ]);
  // May write approvals and statuses, but use no signer.
  const subresources = ['certificatesigningrequests/approval', 'certificatesigningrequests/status'];
  const writer = [{ verbs: ['update'], apiGroups: ['certificates.k8s.io'], resources: subresources }];
  await grant('writer', writer);
  const signers = { apiGroups: ['certificates.k8s.io'], resources: ['signers'], resourceNames: ['kubernetes.io/*'] };
  await grant('approver', [...writer, { verbs: ['approve'], ...signers }]);
});
after(() => site.close());

async function grant(name: string, rules: object[]): Promise<void> {
  const version = 'rbac.authorization.k8s.io/v1';
  await site.client.create(builtIn(version, 'clusterroles'), {}, { metadata: { name }, rules }, NEVER);
  const binding = {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name }],
  };
  await site.client.create(builtIn(version, 'clusterrolebindings'), {}, binding, NEVER);
}

async function request(name: string, organizations: string[]): Promise<CertificateSigningRequest> {
  const pem = makeCertificateRequest(await makeTlsKey(), { commonName: 'jane', organizations, hosts: [] });
  const usages = ['digital signature', 'client auth'];
  const spec = { request: Buffer.from(pem).toString('base64'), signerName: SIGNER, usages, expirationSeconds: 3600 };
  return await site.clientAs('requester').create(REQUESTS, {}, { metadata: { name }, spec }, NEVER);
}

function approve(client: KubeClient, csr: CertificateSigningRequest): Promise<CertificateSigningRequest> {
  const approved = { type: 'Approved', status: 'True', reason: 'Test', message: '' };
  const target = { name: csr.metadata?.name ?? '', subresource: 'approval' };
  return client.update(REQUESTS, target, { ...csr, status: { conditions: [approved] } }, NEVER);
}

test('nobody gets system:masters on request', async () => {
  await assert.rejects(request('master', ['team', 'system:masters']), {
    code: 403,
    message:
      'certificatesigningrequests.certificates.k8s.io "master" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  });
});

test('approving and signing need the right to the signer; what is approved is signed', async () => {
  const csr = await request('jane', ['team']);
  await assert.rejects(approve(site.clientAs('writer'), csr), {
    code: 403,
    message:
      'certificatesigningrequests.certificates.k8s.io "jane" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
  });
  const forged = { ...csr, status: { certificate: Buffer.from((await testPki()).admin.certPem).toString('base64') } };
  await assert.rejects(
    site.clientAs('writer').update(REQUESTS, { name: 'jane', subresource: 'status' }, forged, NEVER),
    {
      code: 403,
      message: /user not permitted to sign requests with signerName "kubernetes.io\/kube-apiserver-client"/,
    },
  );
  await approve(site.clientAs('approver'), csr);
  const [signed] = await site.until<CertificateSigningRequest>(REQUESTS, (all) =>
    all.some(({ status }) => (status?.certificate ?? '') !== ''),
  );
  const certificate = new X509Certificate(Buffer.from(signed?.status?.certificate ?? '', 'base64'));
  assert.equal(certificate.subject, 'O=team\nCN=jane');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
});
