import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../../../src/api/resources.ts';
import type { AdmissionOperation, AdmissionRequest } from '../../../../src/apiserver/admission/admission.ts';
import { NodeRestriction } from '../../../../src/apiserver/admission/noderestriction/node-restriction.ts';
import { makeCertificateRequest, makeTlsKey } from '../../../../src/pki/index.ts';

const [PODS, NODES, ACCOUNTS, CLAIMS] = ['pods', 'nodes', 'serviceaccounts', 'persistentvolumeclaims'].map((plural) =>
  builtIn('v1', plural),
) as [ResourceInfo, ResourceInfo, ResourceInfo, ResourceInfo];
const LEASES = builtIn('coordination.k8s.io/v1', 'leases');
const CSI_NODES = builtIn('storage.k8s.io/v1', 'csinodes');
const REQUESTS = builtIn('certificates.k8s.io/v1', 'certificatesigningrequests');

const tokenVolume = { name: 't', projected: { sources: [{ serviceAccountToken: { path: 'x', audience: 'vault' } }] } };
const STORED: Readonly<Record<string, KubeObject>> = {
  'nodes//n': { metadata: { name: 'n', uid: 'node-uid' } },
  'pods/d/own': { metadata: { name: 'own', uid: 'u1' }, spec: { nodeName: 'n', volumes: [tokenVolume] } },
  'pods/d/other': { metadata: { name: 'other', uid: 'u2' }, spec: { nodeName: 'm' } },
};
const plugin = new NodeRestriction({
  get: (plural, namespace, name) => Promise.resolve(STORED[`${plural}/${namespace}/${name}`]),
  list: () => Promise.resolve([]),
});

interface Case {
  readonly resource?: ResourceInfo;
  readonly operation?: AdmissionOperation;
  readonly name?: string;
  readonly namespace?: string;
  readonly subresource?: string;
  readonly object?: KubeObject;
  readonly old?: KubeObject;
}

function request({ resource = PODS, operation = 'CREATE', old, ...rest }: Case): AdmissionRequest {
  return {
    operation,
    resource,
    subresource: '',
    namespace: 'd',
    name: 'own',
    object: undefined,
    options: {},
    caller: { name: 'system:node:n', groups: ['system:nodes'] },
    dryRun: false,
    warn: () => undefined,
    ...rest,
    oldObject: old,
  };
}

const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'node-uid', controller: true };
const mirror = (spec: object = {}, metadata: object = {}): KubeObject => ({
  metadata: {
    name: 'own',
    annotations: { 'kubernetes.io/config.mirror': 'x' },
    ownerReferences: [owner],
    ...metadata,
  },
  spec: { nodeName: 'n', containers: [], ...spec },
});
const node = (labels: Record<string, string>, spec: object = {}): KubeObject => ({
  metadata: { name: 'n', labels },
  spec,
});
const token = (boundObjectRef: object | null, audiences: string[] = ['vault']): KubeObject => ({
  spec: { audiences, boundObjectRef },
});
const bound = { apiVersion: 'v1', kind: 'Pod', name: 'own', uid: 'u1' };
const tokenCase = (object: KubeObject): Case => ({ resource: ACCOUNTS, name: 'sa', subresource: 'token', object });

const ALLOWED: readonly Case[] = [
  { object: mirror() },
  { operation: 'DELETE', old: STORED['pods/d/own'] ?? {} },
  { operation: 'UPDATE', subresource: 'status', object: mirror(), old: mirror() },
  { subresource: 'eviction', object: {} },
  {
    resource: NODES,
    name: 'n',
    object: node({ 'kubernetes.io/os': 'linux', 'x.node.kubernetes.io/y': '', team: 'a' }),
  },
  { resource: NODES, name: 'n', operation: 'UPDATE', object: node({ team: 'b' }), old: node({ team: 'a' }) },
  tokenCase(token(bound)),
  { resource: CLAIMS, operation: 'UPDATE', subresource: 'status', object: {}, old: {} },
  { resource: LEASES, namespace: 'kube-node-lease', name: 'n', object: {} },
  { resource: CSI_NODES, namespace: '', name: 'n', object: {} },
];

const REFUSED: readonly [Case, why: string | RegExp][] = [
  [
    { object: mirror({}, { annotations: {} }) },
    'pods "own" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n" can only create mirror pods',
  ],
  [
    { object: mirror({ nodeName: 'm' }) },
    'pods "own" is forbidden: node "n" can only create pods with spec.nodeName set to itself',
  ],
  [{ object: mirror({}, { ownerReferences: [] }) }, /an owner reference set to itself$/],
  [{ object: mirror({}, { ownerReferences: [owner, owner] }) }, /a single owner reference set to itself$/],
  [{ object: mirror({}, { ownerReferences: [{ ...owner, controller: false }] }) }, /a controller owner reference/],
  [
    { object: mirror({}, { ownerReferences: [{ ...owner, uid: 'x' }] }) },
    /node n UID mismatch: expected x got node-uid$/,
  ],
  [{ object: mirror({ serviceAccountName: 'a' }) }, /node "n" can not create pods that reference a service account$/],
  [{ object: mirror({ volumes: [{ name: 'v', secret: { secretName: 's' } }] }) }, /pods that reference secrets$/],
  [
    { object: mirror({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }) },
    /reference persistentvolumeclaims$/,
  ],
  [
    { operation: 'DELETE', old: STORED['pods/d/other'] ?? {} },
    /can only delete pods with spec\.nodeName set to itself$/,
  ],
  [
    { operation: 'UPDATE', object: mirror(), old: mirror() },
    /unexpected operation "UPDATE", node "n" can only create and/,
  ],
  [
    { operation: 'UPDATE', subresource: 'status', object: mirror({}, { labels: { a: 'b' } }), old: mirror() },
    /node "n" cannot update labels through pod status$/,
  ],
  [
    { subresource: 'binding', object: {} },
    /unexpected pod subresource "binding", only 'status' and 'eviction' are allowed$/,
  ],
  [
    { subresource: 'eviction', name: 'other', object: {} },
    /node n can only evict pods with spec\.nodeName set to itself$/,
  ],
  [{ subresource: 'eviction', name: 'gone', object: {} }, 'pods "gone" not found'],
  [
    { resource: NODES, name: 'm', object: node({}) },
    'nodes "m" is forbidden: node "n" is not allowed to modify node "m"',
  ],
  [
    { resource: NODES, name: 'n', object: node({ 'node-role.kubernetes.io/master': '', 'x.k8s.io/y': '' }) },
    /not allowed to set the following labels: node-role\.kubernetes\.io\/master, x\.k8s\.io\/y$/,
  ],
  [
    {
      resource: NODES,
      name: 'n',
      operation: 'UPDATE',
      object: node({}),
      old: node({ 'team.node-restriction.kubernetes.io/a': '' }),
    },
    /is not allowed to modify labels: team\.node-restriction\.kubernetes\.io\/a$/,
  ],
  [
    { resource: NODES, name: 'n', operation: 'UPDATE', object: node({}), old: node({}, { taints: [{ key: 'a' }] }) },
    /node "n" is not allowed to modify taints$/,
  ],
  [tokenCase(token(null)), 'serviceaccounts "sa" is forbidden: node requested token not bound to a pod'],
  [tokenCase(token({ ...bound, uid: '' })), /node requested token with a pod binding without a uid$/],
  [tokenCase(token({ ...bound, uid: 'x' })), /the UID in the bound object reference \(x\) does not match/],
  [tokenCase(token({ ...bound, name: 'other', uid: 'u2' })), /bound to a pod scheduled on a different node$/],
  [tokenCase(token(bound, ['a', 'b'])), /node may only request 0 or 1 audiences$/],
  [tokenCase(token(bound, ['bank'])), /audience "bank" not found in pod spec volume$/],
  [{ resource: CLAIMS, operation: 'UPDATE', object: {}, old: {} }, /may only update PVC status$/],
  [{ resource: LEASES, name: 'n', object: {} }, /can only access leases in the "kube-node-lease" system namespace$/],
  [
    { resource: LEASES, namespace: 'kube-node-lease', name: 'm', object: {} },
    /can only access node lease with the same name as the requesting node$/,
  ],
  [{ resource: CSI_NODES, namespace: '', name: 'm', object: {} }, /CSINode with the same name as the requesting node$/],
];

test('a node does what concerns itself', async () => {
  for (const each of ALLOWED) await plugin.admit(request(each));
});

test('what a node may not do is refused in the words of upstream', async () => {
  for (const [each, message] of REFUSED) await assert.rejects(plugin.admit(request(each)), { message });
});

test('others than nodes are not its affair', async () => {
  const caller = { name: 'system:node:n', groups: [] };
  for (const [each] of REFUSED) await plugin.admit({ ...request(each), caller });
});

test('a node asks for certificates in its own name', async () => {
  const asked = async (commonName: string): Promise<Case> => {
    const csr = makeCertificateRequest(await makeTlsKey(), { commonName, organizations: ['system:nodes'], hosts: [] });
    const signerName = 'kubernetes.io/kubelet-serving';
    return {
      resource: REQUESTS,
      name: 'csr',
      object: { spec: { signerName, request: Buffer.from(csr).toString('base64') } },
    };
  };
  await plugin.admit(request(await asked('system:node:n')));
  await assert.rejects(plugin.admit(request(await asked('system:node:m'))), {
    message: /can only create a node CSR with CN=system:node:n$/,
  });
});
