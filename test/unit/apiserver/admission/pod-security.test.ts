import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '../../../../src/api/kinds.ts';
import { policyOf, standardText, violations } from '../../../../src/apiserver/admission/podsecurity/policy.ts';

const HARDENED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

function found(spec: Partial<PodSpec>, level: 'baseline' | 'restricted', minor = Number.POSITIVE_INFINITY): string[] {
  const containers = spec.containers ?? [{ name: 'c', image: 'i', securityContext: HARDENED }];
  const pod = { annotations: {}, spec: { ...spec, containers } };
  return violations(pod, { level, minor }).map(({ reason, detail }) => `${reason} (${detail})`);
}

const BASELINE: readonly (readonly [string, Partial<PodSpec>, string[]])[] = [
  ['a plain pod', {}, []],
  [
    'namespaces of the host',
    { hostNetwork: true, hostPID: true },
    ['host namespaces (hostNetwork=true, hostPID=true)'],
  ],
  [
    'paths of the host',
    {
      volumes: [
        { name: 'a', hostPath: { path: '/' } },
        { name: 'b', hostPath: { path: '/' } },
      ],
    },
    ['hostPath volumes (volumes "a", "b")'],
  ],
  [
    'ports of the host',
    { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80 }] }] },
    ['hostPort (container "c" uses hostPort 80)'],
  ],
  [
    'privileged containers',
    { containers: [{ name: 'c', securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } } }] },
    [
      'non-default capabilities (container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
      'privileged (container "c" must not set securityContext.privileged=true)',
    ],
  ],
  [
    'unsafe sysctls',
    { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
    ['forbidden sysctls (kernel.msgmax)'],
  ],
  [
    'hosts that probes and hooks call',
    {
      containers: [
        { name: 'plain', livenessProbe: { httpGet: { port: 1 } } },
        { name: 'one', livenessProbe: { httpGet: { port: 1, host: 'a.com' } } },
        {
          name: 'two',
          startupProbe: { httpGet: { port: 1, host: 'a.com' } },
          lifecycle: { preStop: { tcpSocket: { port: 1, host: 'b.com' } } },
        },
      ],
    },
    ['probe or lifecycle host (containers "one", "two" use probe or lifecycle hosts "a.com", "b.com")'],
  ],
  [
    'processes of the host seen whole',
    { containers: [{ name: 'c', securityContext: { procMount: 'Unmasked' } }] },
    ['procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
  ],
];

for (const [what, spec, expected] of BASELINE) {
  test(`baseline: ${what}`, () => assert.deepEqual(found(spec, 'baseline'), expected));
}

test('restricted asks each container, or the pod for all of them', () => {
  assert.deepEqual(found({}, 'restricted'), []);
  const containers = [
    { name: 'c', securityContext: { ...HARDENED, runAsUser: 0 } },
    { name: 'd', securityContext: { ...HARDENED, runAsNonRoot: false } },
  ];
  assert.deepEqual(found({ containers }, 'restricted'), [
    'runAsNonRoot != true (container "d" must not set securityContext.runAsNonRoot=false)',
    'runAsUser=0 (container "c" must not set runAsUser=0)',
  ]);
});

test('restricted says it in place of baseline', () => {
  const volumes = [{ name: 'h', hostPath: { path: '/' } }];
  assert.deepEqual(found({ volumes }, 'restricted'), [
    'restricted volume types (volume "h" uses restricted volume type "hostPath")',
  ]);
});

test('older versions of a standard ask for less', () => {
  const containers = [{ name: 'c', securityContext: { runAsNonRoot: true, runAsUser: 0 } }];
  assert.deepEqual(found({ containers }, 'restricted', 7), []);
  assert.deepEqual(found({ containers }, 'restricted', 8), [
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false)',
  ]);
});

test('hosts of probes are asked for since 1.34', () => {
  const containers = [{ name: 'c', livenessProbe: { tcpSocket: { port: 1, host: '8.8.8.8' } } }];
  assert.deepEqual(found({ containers }, 'baseline', 33), []);
  assert.deepEqual(found({ containers }, 'baseline', 34), [
    'probe or lifecycle host (container "c" uses probe or lifecycle host "8.8.8.8")',
  ]);
});

test('users of its own make up for root', () => {
  const containers = [{ name: 'c', securityContext: { ...HARDENED, runAsNonRoot: false, runAsUser: 0 } }];
  assert.deepEqual(found({ hostUsers: false, containers }, 'restricted'), []);
  const unmasked = {
    hostUsers: false,
    containers: [{ name: 'c', securityContext: { ...HARDENED, procMount: 'Unmasked' } }],
  };
  assert.deepEqual(found(unmasked, 'baseline'), []);
  assert.equal(found(unmasked, 'baseline', 34).length, 1);
  assert.equal(found(unmasked, 'restricted').length, 1);
});

test('labels name the standards; what they misspell is said and counts as the strictest', () => {
  const policy = policyOf({
    'pod-security.kubernetes.io/enforce': 'baseline',
    'pod-security.kubernetes.io/enforce-version': 'v1.25',
    'pod-security.kubernetes.io/warn': 'nonsense',
  });
  assert.equal(standardText(policy.enforce), 'baseline:v1.25');
  assert.equal(standardText(policy.audit), 'privileged:latest');
  assert.equal(policy.errors.length, 1);
  assert.equal(policyOf({ 'pod-security.kubernetes.io/enforce': 'x' }).enforce.level, 'restricted');
});
