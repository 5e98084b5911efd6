import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksOf } from './field-errors.ts';

const pods = checksOf('v1', 'pods');
const container = { name: 'c', image: 'i' };

function created(spec: object, annotations: Record<string, string> = {}): string[] {
  const object = { metadata: { name: 'p', namespace: 'n', annotations }, spec: { containers: [container], ...spec } };
  return pods.created(object);
}

/** What is wrong with a pod, as `field: message`. */
const FAULTS: Readonly<Record<string, readonly [spec: object, ...errors: string[]]>> = {
  'no containers': [{ containers: [] }, 'spec.containers: Required value'],
  'a restart rule without a policy': [
    { containers: [{ ...container, restartPolicyRules: [{ action: 'X' }] }] },
    'spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "X": supported values: "Restart", "RestartAllContainers"',
    'spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified',
  ],
  'a search domain with an underscore is fine': [{ dnsConfig: { searches: ['_tcp.example.com', '.'] } }],
  'a host name beside the network of the host': [
    { hostNetwork: true, hostnameOverride: 'x' },
    'spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true',
  ],
  'an unknown system': [{ os: { name: 'x' } }, 'spec.os: Unsupported value: "x": supported values: "linux", "windows"'],
  'settings of Linux on Windows': [
    {
      os: { name: 'windows' },
      hostPID: true,
      containers: [{ ...container, securityContext: { privileged: false } }],
      securityContext: { runAsUser: 1 },
    },
    'spec.hostPID: Forbidden: cannot be set for a windows pod',
    'spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
    'spec.containers[0].securityContext.privileged: Forbidden: cannot be set for a windows pod',
  ],
  'settings of Windows on Linux': [
    { os: { name: 'linux' }, securityContext: { windowsOptions: { runAsUserName: 'u' } } },
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
  ],
  'half of the containers as processes of the host': [
    {
      hostNetwork: true,
      containers: [
        { ...container, securityContext: { windowsOptions: { hostProcess: true } } },
        { name: 'd', image: 'i' },
      ],
    },
    'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
  ],
  'huge pages in pieces': [
    { containers: [{ ...container, resources: { limits: { cpu: '1', 'hugepages-2Mi': '3Mi' } } }] },
    'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
    'spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
  ],
  'a claim that the pod does not have': [
    { containers: [{ ...container, resources: { claims: [{ name: 'x' }] } }] },
    'spec.containers[0].resources.claims[0]: Not found: "x": must be one of the names in pod.spec.resourceClaims which is empty',
  ],
  'a pod that asks for less than its containers': [
    {
      resources: { requests: { cpu: '1' } },
      containers: [{ ...container, resources: { requests: { cpu: '2' } } }],
    },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  'a resource that only containers have': [
    { resources: { requests: { 'ephemeral-storage': '1' } } },
    'spec.resources.requests[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "memory"',
  ],
  'a value that no label has': [
    {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b!'] }] }],
          },
        },
      },
    },
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value: \"b!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  ],
  'the same constraint twice is told of the first': [
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' },
        { maxSkew: 2, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' },
      ],
    },
    'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{z, DoNotSchedule}"',
  ],
  'keys of labels without a selector': [
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['app'] },
      ],
    },
    'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
  ],
  'a variable from a file of another kind of volume': [
    {
      volumes: [{ name: 'v', configMap: { name: 'm' } }],
      containers: [
        {
          ...container,
          env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'v', path: '../x', key: 'K' } } }],
        },
      ],
    },
    'spec.containers[0].env[0].valueFrom.fileKeyRef.path: Invalid value: "../x": must not contain \'..\'',
    'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Invalid value: "v": referenced volume must be of type emptyDir',
  ],
  'two projected files at one place': [
    {
      volumes: [
        {
          name: 'v',
          projected: {
            sources: [
              { configMap: { name: 'a', items: [{ key: 'k', path: 'p' }] } },
              { secret: { name: 'b', items: [{ key: 'k', path: 'p' }] } },
            ],
          },
        },
      ],
    },
    'spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths',
  ],
  'a disk without a name': [
    { volumes: [{ name: 'v', gcePersistentDisk: { partition: 300 } }] },
    'spec.volumes[0].persistentDisk.pdName: Required value',
    'spec.volumes[0].persistentDisk.partition: Invalid value: 300: must be between 0 and 255, inclusive',
  ],
  'a driver with a bad name': [
    { volumes: [{ name: 'v', csi: { driver: 'a_b' } }] },
    "spec.volumes[0].csi.driver: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ],
  'an address with leading zeros': [
    { hostAliases: [{ ip: '010.0.0.1' }, { ip: '::ffff:1.2.3.4' }] },
    'spec.hostAliases[0].ip: Invalid value: "010.0.0.1": must not have leading 0s',
    'spec.hostAliases[1].ip: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
  ],
};

for (const [what, [spec, ...errors]] of Object.entries(FAULTS)) {
  test(`pod: ${what}`, () => assert.deepEqual(created(spec), errors));
}

test('annotations that mean something to pods are checked', () => {
  const cost = 'controller.kubernetes.io/pod-deletion-cost';
  assert.deepEqual(created({}, { [cost]: '01' }), [
    `metadata.annotations[${cost}]: Invalid value: "01": must be a 32bit integer`,
  ]);
  const armor = 'container.apparmor.security.beta.kubernetes.io/d';
  assert.deepEqual(created({}, { [armor]: 'x' }), [
    `metadata.annotations[${armor}]: Invalid value: "d": container not found`,
    `metadata.annotations[${armor}]: Invalid value: "x": invalid AppArmor profile name: "x"`,
  ]);
});

const old = { metadata: { name: 'p', namespace: 'n' }, spec: { containers: [container] } };

function updated(spec: object, before: object = {}, subresource?: string): string[] {
  const next = { ...old, spec: { ...old.spec, ...before, ...spec } };
  return pods.updated(next, { ...old, spec: { ...old.spec, ...before } }, subresource);
}

test('what changed in a pod is shown by the lines of Go’s own form', () => {
  const [error = ''] = updated({ hostname: 'h' });
  const lines = error.split('\n').slice(1);
  assert.deepEqual(lines, [
    '@@ -64,7 +64,7 @@',
    '   "SELinuxChangePolicy": null',
    '  },',
    '  "ImagePullSecrets": null,',
    '- "Hostname": "",',
    '+ "Hostname": "h",',
    '  "Subdomain": "",',
    '  "SetHostnameAsFQDN": null,',
    '  "Affinity": null,',
    '',
  ]);
});

test('a pod at a gate may be told more narrowly where to run', () => {
  const gated = { schedulingGates: [{ name: 'a.example/g' }], nodeSelector: { a: '1' } };
  assert.deepEqual(updated({ nodeSelector: { a: '1', b: '2' } }, gated), []);
  assert.deepEqual(updated({ nodeSelector: { a: '2' } }, gated), [
    'spec.nodeSelector: Invalid value: {"a":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ]);
});

test('what is told of a pod keeps to what the pod is', () => {
  const status = (now: object, before: object = {}, spec: object = {}) =>
    pods.updated(
      { ...old, spec: { ...old.spec, ...spec }, status: now },
      { ...old, spec: { ...old.spec, ...spec }, status: before },
      'status',
    );
  assert.deepEqual(status({ qosClass: 'Guaranteed' }, { qosClass: 'BestEffort' }), [
    'status.qosClass: Invalid value: "Guaranteed": field is immutable',
  ]);
  assert.deepEqual(status({ nominatedNodeName: 'm' }, {}, { nodeName: 'n' }), [
    'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
  ]);
  const ended = { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 1 } } }] };
  const again = { containerStatuses: [{ name: 'c', state: { running: {} } }] };
  assert.deepEqual(status(again, ended, { restartPolicy: 'OnFailure' }), []);
  assert.deepEqual(status(again, ended, { restartPolicy: 'Never' }), [
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ]);
});
