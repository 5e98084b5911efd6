import { requests } from '../cluster-view.ts';
import type { Filter, Rejection } from './filter.ts';

/** Enough of everything that the pod asks for, and room for one more pod (upstream `noderesources/fit.go`). */
export const resourcesFit: Filter = (pod, { pods, requested, allocatable }) => {
  const rejections: Rejection[] = [];
  if (pods.length + 1 > (allocatable.get('pods') ?? 0)) rejections.push({ reason: 'Too many pods', helpless: false });
  for (const [name, amount] of requests(pod)) {
    const total = allocatable.get(name) ?? 0;
    if (amount === 0 || amount <= total - (requested.get(name) ?? 0)) continue;
    rejections.push({ reason: `Insufficient ${name}`, helpless: amount > total });
  }
  return rejections;
};
