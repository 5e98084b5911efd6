/** Texts that the cells of several kinds share. */
import { LabelSelector, type LabelSelectorObject } from '../../../api/selectors.ts';
import type { Container } from '../../../api/kinds.ts';
import type { Draft } from '../draft.ts';

export const NONE = '<none>';

/** `a=1,b=2`, or `<none>`. */
export function labelsText(labels: Readonly<Record<string, string>> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? NONE : pairs.sort().join(',');
}

/** `app=x,tier in (a,b)`, or `<none>` for what selects everything or nothing. */
export function selectorText(selector: Draft<LabelSelectorObject> | undefined): string {
  const text = LabelSelector.from(selector as LabelSelectorObject | undefined).toString();
  return text === '' ? NONE : text;
}

/** The cells of `Containers` and `Images`. */
export function containerCells(containers: readonly Draft<Container>[] | null | undefined): [string, string] {
  const list = containers ?? [];
  return [list.map(({ name }) => name ?? '').join(','), list.map(({ image }) => image ?? '').join(',')];
}

/** Go prints an absent pointer to a boolean as `<unset>`, others as `True` and `False`. */
export function booleanText(value: boolean | undefined): string {
  if (value === undefined) return '<unset>';
  return value ? 'True' : 'False';
}
