/** @facts The conditions of a namespace that is being deleted: `pkg/controller/namespace/deletion/status_condition_utils.go`. */
import type { Namespace } from '../../api/kinds.ts';
import { withCondition } from '../runtime/conditions.ts';
import { timestamp } from '../runtime/time.ts';
import type { Sweep } from './namespace-state.ts';

type Conditions = NonNullable<NonNullable<Namespace['status']>['conditions']>;

interface Finding {
  readonly type: string;
  readonly good: readonly [reason: string, message: string];
  /** Nothing where all is well. */
  readonly bad: (sweep: Sweep) => readonly [reason: string, message: string] | undefined;
}

const FINDINGS: readonly Finding[] = [
  {
    type: 'NamespaceDeletionDiscoveryFailure',
    good: ['ResourcesDiscovered', 'All resources successfully discovered'],
    bad: ({ discoveryFailure }) =>
      discoveryFailure === undefined ? undefined : ['DiscoveryFailed', `Discovery failed: ${discoveryFailure}`],
  },
  {
    type: 'NamespaceDeletionGroupVersionParsingFailure',
    good: ['ParsedGroupVersions', 'All legacy kube types successfully parsed'],
    bad: () => undefined,
  },
  {
    type: 'NamespaceDeletionContentFailure',
    good: ['ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
    bad: ({ failures, remaining }) => {
      if (failures.length === 0) return undefined;
      const why = failures.join(', ');
      return ['ContentDeletionFailed', `Failed to delete all resource types, ${remaining.size} remaining: ${why}`];
    },
  },
  {
    type: 'NamespaceContentRemaining',
    good: ['ContentRemoved', 'All content successfully removed'],
    bad: ({ remaining }) => {
      if (remaining.size === 0) return undefined;
      const counts = sorted(remaining).map(([resource, count]) => `${resource} has ${count} resource instances`);
      return ['SomeResourcesRemain', `Some resources are remaining: ${counts.join(', ')}`];
    },
  },
  {
    type: 'NamespaceFinalizersRemaining',
    good: ['ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
    bad: ({ finalizers }) => {
      if (finalizers.size === 0) return undefined;
      const counts = sorted(finalizers).map(([name, count]) => `${name} in ${count} resource instances`);
      return ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${counts.join(', ')}`];
    },
  },
];

export function namespaceConditions(old: Conditions | undefined, sweep: Sweep, now: number): Conditions {
  let conditions = old ?? [];
  for (const { type, good, bad } of FINDINGS) {
    const found = bad(sweep);
    const [reason, message] = found ?? good;
    const status = found === undefined ? 'False' : 'True';
    const lastTransitionTime = timestamp(now);
    conditions = withCondition(conditions, { type, status, lastTransitionTime, reason, message });
  }
  return [...conditions];
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}
