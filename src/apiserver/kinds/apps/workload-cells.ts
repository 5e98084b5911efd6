import type { LabelSelectorDraft, PodTemplateSpecDraft } from '../models.ts';
import { containerCells, selectorText } from '../table/cell-text.ts';

/** The wide cells `Containers`, `Images`, `Selector`. */
export function workloadCells(
  template: PodTemplateSpecDraft | undefined,
  selector: LabelSelectorDraft | undefined,
): string[] {
  return [...containerCells(template?.spec?.containers), selectorText(selector)];
}
