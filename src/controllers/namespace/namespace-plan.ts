import type { Namespace } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import { backoffMs, type BackoffPolicy } from '../../base/backoff.ts';
import type { Plan } from '../../client/index.ts';
import { namespaceConditions } from './namespace-conditions.ts';
import { isEmpty, isTerminating, type Sweep } from './namespace-state.ts';

export interface NamespaceState {
  readonly namespace: Namespace;
  readonly sweep: Sweep | undefined;
}

export type NamespaceAction =
  | { readonly kind: 'sweep'; readonly reason: string; readonly namespace: Namespace }
  | { readonly kind: 'status'; readonly reason: string; readonly namespace: Namespace }
  | { readonly kind: 'finalize'; readonly reason: string; readonly namespace: Namespace };

const FINALIZER = 'kubernetes';
/** Pods take their time to end, and finalizers are other people's. */
const NEXT_SWEEP: BackoffPolicy = { baseMs: 100, maxMs: 5000, jitter: 0 };

/** Empties a namespace that is being deleted, tells how far it has come and lets it go in the end. */
export function planNamespace({ namespace, sweep }: NamespaceState, now: number): Plan<NamespaceAction> {
  const finalizers = namespace.spec?.finalizers ?? [];
  if (!isTerminating(namespace) || !finalizers.includes(FINALIZER)) return { actions: [] };
  if (sweep === undefined) return { actions: [{ kind: 'sweep', reason: 'it is being deleted', namespace }] };
  const told = withConditions(namespace, sweep, now);
  if (told !== namespace) return { actions: [{ kind: 'status', reason: 'a sweep has ended', namespace: told }] };
  if (isEmpty(sweep)) return { actions: [{ kind: 'finalize', reason: 'nothing is left in it', namespace }] };
  const waitMs = sweep.at + backoffMs(NEXT_SWEEP, sweep.count - 1, () => 0) - now;
  if (waitMs > 0) return { actions: [], recheckAfterMs: waitMs };
  return { actions: [{ kind: 'sweep', reason: `${sweep.remaining.size} resources are left`, namespace }] };
}

function withConditions(namespace: Namespace, sweep: Sweep, now: number): Namespace {
  const conditions = namespaceConditions(namespace.status?.conditions, sweep, now);
  if (equalJson(conditions, namespace.status?.conditions)) return namespace;
  return { ...namespace, status: { ...namespace.status, phase: 'Terminating', conditions } };
}

export function withoutFinalizer(namespace: Namespace): Namespace {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((each) => each !== FINALIZER);
  return { ...namespace, spec: { ...namespace.spec, finalizers } };
}
