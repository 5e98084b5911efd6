import type { Secret } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import type { Plan } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { SECRETS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { timeOf } from '../runtime/time.ts';

const TYPE = 'bootstrap.kubernetes.io/token';
const NAMESPACE = 'kube-system';

export interface TokenCleaningAction {
  readonly kind: 'delete';
  readonly reason: string;
  readonly secret: Secret;
}

/** Bootstrap tokens go when they expire (upstream `tokencleaner`); one whose end cannot be read is none. */
export function planTokenCleaning(secret: Secret, now: number): Plan<TokenCleaningAction> {
  const text = secret.data?.['expiration'];
  if (secret.type !== TYPE || text === undefined) return { actions: [] };
  const end = timeOf(Buffer.from(text, 'base64').toString());
  if (end !== undefined && end > now) return { actions: [], recheckAfterMs: end - now };
  return { actions: [{ kind: 'delete', reason: 'the token has expired', secret }] };
}

export function tokenCleaningController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const secrets = informers.for<Secret>(SECRETS);
  const remove = async ({ secret }: TokenCleaningAction, signal: AbortSignal): Promise<void> => {
    const { uid = '' } = secret.metadata ?? {};
    await unlessGone(client.delete(SECRETS, targetOf(secret), signal, { preconditions: { uid } }));
  };
  const reconciliation = {
    name: 'token-cleaner',
    read: (key: string) => secrets.objects.get(key),
    plan: planTokenCleaning,
    executors: { delete: remove },
  };
  return reconciling(context, reconciliation, [
    onChange(secrets, (secret) => (secret.metadata?.namespace === NAMESPACE ? [objectKey(secret)] : [])),
  ]);
}
