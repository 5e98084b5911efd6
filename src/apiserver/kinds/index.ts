/** What the registry asks of a kind: defaults, validation, the rules of its status, its selectable fields and its row. */
import type { KubeObject } from '../../api/object.ts';
import { type ResourceInfo, resourceKey } from '../../api/resources.ts';
import { kindKey } from '../../api/schema.ts';
import { BUILT_IN_STRATEGIES } from './built-in.ts';
import type { KindStrategy } from './strategy.ts';
import { defaultTable } from './table/default-table.ts';
import { toWireForm } from './wire/wire-form.ts';

export type {
  Column,
  KindStrategy,
  RequestUser,
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
  if (own === undefined) return plainStrategy(resource);
  const strategy = complete(resource, own);
  strategies.set(key, strategy);
  return strategy;
}

function plainStrategy(resource: ResourceInfo): KindStrategy {
  return complete(resource, {});
}

/** A kind's own hooks with what all kinds have in common. */
function complete(resource: ResourceInfo, own: KindStrategy): KindStrategy {
  const kind = kindKey(resource);
  return {
    ...own,
    setDefaults(object: KubeObject) {
      toWireForm(object, kind);
      own.setDefaults?.(object);
    },
    table: own.table ?? defaultTable,
  };
}
