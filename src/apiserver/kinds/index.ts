/** What the registry asks of a kind: defaults, validation, the rules of its status, its selectable fields and its row. */
import type { FieldError } from '../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../api/names.ts';
import type { KubeObject, ObjectMeta } from '../../api/object.ts';
import { type ResourceInfo, resourceKey } from '../../api/resources.ts';
import { BUILT_IN_STRATEGIES } from './built-in.ts';
import type { KindStrategy } from './strategy.ts';
import { defaultTable } from './table/default-table.ts';
import { each } from './validation/checks.ts';
import {
  metadataErrors,
  type MetadataRules,
  metadataUpdateErrors,
  standardFinalizerErrors,
} from './validation/metadata.ts';

export { defaultTable } from './table/default-table.ts';
export { scaleTable } from './autoscaling/scale.ts';
export { conversionOf } from './conversion/index.ts';
export type {
  Column,
  KindStrategy,
  RowCondition,
  StrategyContext,
  TableStrategy,
} from './strategy.ts';

const strategies = new Map<string, KindStrategy>();

/** The strategy of a built-in resource; a plain one for custom resources and for kinds without rules of their own. */
export function strategyOf(resource: ResourceInfo): KindStrategy {
  const key = resourceKey(resource);
  const known = strategies.get(key);
  if (known !== undefined) return known;
  const own = BUILT_IN_STRATEGIES[key] ?? BUILT_IN_STRATEGIES[`${resource.group}/${resource.plural}`];
  if (own === undefined) return complete(resource, {}, false);
  const strategy = complete(resource, own, true);
  strategies.set(key, strategy);
  return strategy;
}

/** A kind's own hooks with what all kinds have in common. */
function complete(resource: ResourceInfo, own: KindStrategy, builtIn: boolean): KindStrategy {
  const rules: MetadataRules = {
    namespaced: resource.namespaced,
    nameErrors: own.nameErrors ?? dns1123SubdomainErrors,
    standardFinalizers: builtIn,
  };
  return {
    ...own,
    validate: (object, context) => [
      ...metadataErrors(metaOf(object), rules),
      ...(own.validate?.(object, context) ?? []),
    ],
    validateUpdate(object, old, context): FieldError[] {
      // Upstream checks metadata in general and once more for the kind: causes name each error twice.
      const errors = metadataUpdateErrors(metaOf(object), metaOf(old));
      const finalizers = builtIn
        ? each(object.metadata?.finalizers, 'metadata.finalizers', standardFinalizerErrors)
        : [];
      return [...errors, ...errors, ...finalizers, ...(own.validateUpdate?.(object, old, context) ?? [])];
    },
    table: own.table ?? defaultTable,
  };
}

function metaOf(object: KubeObject): ObjectMeta {
  return object.metadata ?? {};
}
