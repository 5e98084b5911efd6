/** A custom resource without any rules. */
import type { ResourceInfo } from '../../src/api/resources.ts';

export const GADGETS: ResourceInfo = {
  group: 'test.example',
  version: 'v1',
  plural: 'gadgets',
  singular: 'gadget',
  kind: 'Gadget',
  namespaced: true,
};

export function gadgetDefinition() {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.test.example' },
    spec: {
      group: 'test.example',
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
