import type { KubeObject } from '../../api/object.ts';
import { FieldSelector } from '../../api/field-selectors.ts';
import { LabelSelector } from '../../api/selectors.ts';
import type { KindStrategy } from '../kinds/strategy.ts';

/** Which objects of a kind a list or watch is about. */
export class Selection {
  readonly #labels: LabelSelector;
  readonly #fields: FieldSelector;
  readonly #strategy: KindStrategy;

  private constructor(labels: LabelSelector, fields: FieldSelector, strategy: KindStrategy) {
    this.#labels = labels;
    this.#fields = fields;
    this.#strategy = strategy;
  }

  /** Throws BadRequest for what cannot be read and for fields that the kind cannot be selected by. */
  static parse(query: URLSearchParams, strategy: KindStrategy): Selection {
    const labels = LabelSelector.parse(query.get('labelSelector') ?? '');
    const fields = FieldSelector.parse(query.get('fieldSelector') ?? '');
    fields.assertSelectable(Object.keys(strategy.selectableFields?.({ metadata: {} }) ?? {}));
    return new Selection(labels, fields, strategy);
  }

  get isEverything(): boolean {
    return this.#labels.isEverything && this.#fields.requirements.length === 0;
  }

  /** The only name that can be selected, if there is one. */
  get exactName(): string | undefined {
    return this.#fields.exactValue('metadata.name');
  }

  matches(object: KubeObject): boolean {
    if (!this.#labels.matches(object.metadata?.labels)) return false;
    if (this.#fields.requirements.length === 0) return true;
    return this.#fields.matches({
      ...this.#strategy.selectableFields?.(object),
      'metadata.name': object.metadata?.name ?? '',
      'metadata.namespace': object.metadata?.namespace ?? '',
    });
  }
}
