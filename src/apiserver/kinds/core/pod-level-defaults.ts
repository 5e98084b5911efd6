/** Defaults of what a pod asks for as a whole: upstream `pkg/apis/core/v1/defaults.go`, defaultPodRequests. */
import { formatQuantity } from '../../../api/quantity.ts';
import type { PodSpecDraft } from '../models.ts';
import { containerTotals } from './container-totals.ts';
import { isHugePages } from './resources-validation.ts';

/** The pod asks for what its containers ask for together, or else for as much as it may have. */
export function setPodLevelDefaults(spec: PodSpecDraft): void {
  const { resources } = spec;
  if (resources === undefined) return;
  const limits = { ...totals(spec, 'limits', isHugePages), ...resources.limits };
  const bounds = Object.entries(limits).filter(([name]) => isForPods(name));
  const requests = { ...Object.fromEntries(bounds), ...totals(spec, 'requests', isForPods), ...resources.requests };
  if (Object.keys(limits).length > 0) resources.limits = limits;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

function isForPods(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePages(name);
}

function totals(spec: PodSpecDraft, kind: 'requests' | 'limits', wanted: (name: string) => boolean) {
  const amounts = [...containerTotals(spec, kind)].filter(([name]) => wanted(name));
  return Object.fromEntries(amounts.map(([name, amount]) => [name, formatQuantity(amount)]));
}
