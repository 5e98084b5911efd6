import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtIn } from '../../../../src/api/resources.ts';
import { LabelSelector } from '../../../../src/api/selectors.ts';
import type { AdmissionRequest } from '../../../../src/apiserver/admission/admission.ts';
import { namespaceSelected, objectSelected } from '../../../../src/apiserver/admission/matching/object-selectors.ts';
import { matchRules, ruleMatches } from '../../../../src/apiserver/admission/matching/resource-rules.ts';

const PODS = builtIn('v1', 'pods');
const DEPLOYMENTS = builtIn('apps/v1', 'deployments');
const NAMESPACES = builtIn('v1', 'namespaces');
const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };
const pod = { operation: 'CREATE', resource: PODS, subresource: '', namespace: 'a', name: 'p' } as const;

test('a rule matches by operation, group, version, resource and scope', () => {
  const rows: [rule: object, target: object, matches: boolean][] = [
    [{}, {}, true],
    [{ operations: ['UPDATE'] }, {}, false],
    [{ operations: ['UPDATE', 'CREATE'] }, {}, true],
    [{ apiGroups: ['apps'] }, {}, false],
    [{ apiGroups: [''] }, {}, true],
    [{ apiVersions: ['v2'] }, {}, false],
    [{ resources: ['pods'] }, {}, true],
    [{ resources: ['pods'] }, { subresource: 'status' }, false],
    [{ resources: ['pods/*'] }, {}, true],
    [{ resources: ['pods/*'] }, { subresource: 'status' }, true],
    [{ resources: ['pods/status'] }, {}, false],
    [{ resources: ['*'] }, { subresource: 'status' }, false],
    [{ resources: ['*/status'] }, { subresource: 'status' }, true],
    [{ scope: 'Cluster' }, {}, false],
    [{ scope: 'Namespaced' }, {}, true],
    [{ scope: 'Namespaced' }, { resource: NAMESPACES, namespace: 'a', name: 'a' }, false],
    [{ scope: 'Cluster' }, { resource: NAMESPACES, namespace: 'a', name: 'a' }, true],
    [{ resourceNames: ['p'] }, {}, true],
    [{ resourceNames: ['q'] }, {}, false],
  ];
  for (const [rule, target, matches] of rows) {
    assert.equal(ruleMatches({ ...everything, ...rule }, { ...pod, ...target }), matches, JSON.stringify(rule));
  }
});

test('an equivalent version is found in the order of the rules', () => {
  const v1 = builtIn('autoscaling/v1', 'horizontalpodautoscalers');
  const v2 = builtIn('autoscaling/v2', 'horizontalpodautoscalers');
  const rule = { ...everything, apiGroups: ['autoscaling'], apiVersions: ['v2'] };
  const target = { ...pod, resource: v1 };
  assert.equal(matchRules([rule], target, []), undefined);
  assert.equal(matchRules([rule], target, [v2]), v2);
  assert.equal(matchRules([rule, everything], target, [v2]), v1);
  assert.equal(matchRules([{ ...rule, resources: ['pods'] }], target, [v2]), undefined);
});

const request: AdmissionRequest = {
  ...pod,
  object: { metadata: { name: 'p', labels: { app: 'new' } } },
  oldObject: { metadata: { name: 'p', labels: { app: 'old' } } },
  options: {},
  caller: { name: 'somebody', groups: [] },
  dryRun: false,
  warn: () => undefined,
};
const objects = {
  get: (_plural: string, _namespace: string, name: string) =>
    Promise.resolve(name === 'a' ? { metadata: { name, labels: { team: 'x' } } } : undefined),
  list: () => Promise.resolve([]),
};

test('an object is selected as it was or as it will be', () => {
  const selects = (app: string): boolean => objectSelected(LabelSelector.ofLabels({ app }), request);
  assert.deepEqual(['new', 'old', 'other'].map(selects), [true, true, false]);
  assert.equal(objectSelected(LabelSelector.everything, { ...request, object: undefined, oldObject: undefined }), true);
});

test('a namespace is selected by its labels, one that is written by those it will have', async () => {
  const team = (value: string): LabelSelector => LabelSelector.ofLabels({ team: value });
  assert.equal(await namespaceSelected(team('x'), request, objects), true);
  assert.equal(await namespaceSelected(team('y'), request, objects), false);
  assert.equal(await namespaceSelected(team('y'), { ...request, resource: DEPLOYMENTS, namespace: '' }, objects), true);
  const written = { metadata: { name: 'a', labels: { team: 'y' } } };
  const update = { ...request, operation: 'UPDATE', resource: NAMESPACES, namespace: '', name: 'a' } as const;
  assert.equal(await namespaceSelected(team('y'), { ...update, object: written }, objects), true);
  assert.equal(
    await namespaceSelected(team('x'), { ...update, operation: 'DELETE', object: undefined }, objects),
    true,
  );
  await assert.rejects(namespaceSelected(team('x'), { ...request, namespace: 'gone' }, objects), {
    message: 'namespaces "gone" not found',
  });
});
