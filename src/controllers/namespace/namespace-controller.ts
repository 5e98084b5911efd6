import type { Namespace } from '../../api/kinds.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Executors } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { NAMESPACES } from '../runtime/resources.ts';
import { type NamespaceAction, type NamespaceState, planNamespace, withoutFinalizer } from './namespace-plan.ts';
import type { Sweep } from './namespace-state.ts';
import { sweepNamespace } from './sweep-namespace.ts';

/** Takes the content of deleted namespaces away (upstream `pkg/controller/namespace`). */
export function namespaceController(context: ControllerContext): Controller {
  const namespaces = context.informers.for<Namespace>(NAMESPACES);
  /** By uid. */
  const sweeps = new Map<string, Sweep>();
  namespaces.onChange(({ before, after }) => {
    if (before !== undefined && before.metadata?.uid !== after?.metadata?.uid)
      sweeps.delete(before.metadata?.uid ?? '');
  });
  const read = (key: string): NamespaceState | undefined => {
    const namespace = namespaces.objects.get(key);
    return namespace && { namespace, sweep: sweeps.get(namespace.metadata?.uid ?? '') };
  };
  return reconciling(
    context,
    { name: 'namespace', read, plan: planNamespace, executors: namespaceExecutors(context, sweeps) },
    [onChange(namespaces, ({ metadata }) => [metadata?.name ?? ''])],
  );
}

function namespaceExecutors(
  { client, clock }: ControllerContext,
  sweeps: Map<string, Sweep>,
): Executors<NamespaceAction> {
  const write = async (namespace: Namespace, subresource: 'status' | 'finalize', signal: AbortSignal) => {
    try {
      await client.update(NAMESPACES, { name: namespace.metadata?.name ?? '', subresource }, namespace, signal);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error; // it has gone meanwhile, as it should
    }
  };
  return {
    sweep: async ({ namespace }, signal) => {
      const { name = '', uid = '' } = namespace.metadata ?? {};
      const found = await sweepNamespace(client, name, signal);
      sweeps.set(uid, { ...found, at: clock.now(), count: (sweeps.get(uid)?.count ?? 0) + 1 });
    },
    status: ({ namespace }, signal) => write(namespace, 'status', signal),
    finalize: ({ namespace }, signal) => write(withoutFinalizer(namespace), 'finalize', signal),
  };
}
