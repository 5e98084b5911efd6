import type { Namespace, ServiceAccount } from '../../api/kinds.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Plan } from '../../client/index.ts';
import { isTerminating } from '../namespace/namespace-state.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { NAMESPACES, SERVICE_ACCOUNTS } from '../runtime/resources.ts';

const NAME = 'default';

export interface DefaultAccountState {
  readonly namespace: Namespace;
  readonly exists: boolean;
}

export interface DefaultAccountAction {
  readonly kind: 'create';
  readonly reason: string;
  readonly namespace: string;
}

/** Every namespace in use has the account `default` (upstream `serviceaccounts_controller`). */
export function planDefaultAccount({ namespace, exists }: DefaultAccountState): Plan<DefaultAccountAction> {
  if (exists || isTerminating(namespace)) return { actions: [] };
  const reason = 'the namespace has no default account';
  return { actions: [{ kind: 'create', reason, namespace: namespace.metadata?.name ?? '' }] };
}

export function defaultAccountController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const namespaces = informers.for<Namespace>(NAMESPACES);
  const accounts = informers.for<ServiceAccount>(SERVICE_ACCOUNTS);
  const read = (name: string): DefaultAccountState | undefined => {
    const namespace = namespaces.objects.get(name);
    return namespace && { namespace, exists: accounts.objects.get(`${name}/${NAME}`) !== undefined };
  };
  const create = async ({ namespace }: DefaultAccountAction, signal: AbortSignal) => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } };
    try {
      await client.create(SERVICE_ACCOUNTS, { namespace }, account, signal);
    } catch (error) {
      // Made by somebody else, or the namespace has gone meanwhile: the informers will tell.
      if (!hasReason(error, 'AlreadyExists') && !hasReason(error, 'NotFound')) throw error;
    }
  };
  return reconciling(context, { name: 'serviceaccount', read, plan: planDefaultAccount, executors: { create } }, [
    onChange(namespaces, ({ metadata }) => [metadata?.name ?? '']),
    onChange(accounts, ({ metadata }) => (metadata?.name === NAME ? [metadata.namespace ?? ''] : [])),
  ]);
}
