import type { KubeObject } from '../../../../src/api/object.ts';
import { cloneJson } from '../../../../src/api/json.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { strategyOf, type StrategyContext } from '../../../../src/apiserver/kinds/index.ts';

const context: StrategyContext = { now: 0, randomText: (length) => 'x'.repeat(length) };

/** What a kind says of new and of changed objects, each error as `field: message`. */
export function checksOf(groupVersion: string, plural: string) {
  const strategy = strategyOf(builtIn(groupVersion, plural));
  const texts = (errors: readonly { field: string; message: string }[] = []) =>
    errors.map(({ field, message }) => `${field}: ${message}`);
  return {
    created(object: KubeObject): string[] {
      const copy = cloneJson(object);
      strategy.setDefaults?.(copy);
      return texts(strategy.validate?.(copy, context));
    },
    /** Without the errors of metadata. */
    updated(object: KubeObject, old: KubeObject, subresource?: string): string[] {
      const [copy, before] = [cloneJson(object), cloneJson(old)];
      strategy.setDefaults?.(copy);
      strategy.setDefaults?.(before);
      const own = subresource === undefined ? context : { ...context, subresource };
      return texts(strategy.validateUpdate?.(copy, before, own)).filter((text) => !text.startsWith('metadata'));
    },
  };
}
