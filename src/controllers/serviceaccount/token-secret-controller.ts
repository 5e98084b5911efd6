import type { Secret, ServiceAccount } from '../../api/kinds.ts';
import { type KubeObject, objectKey } from '../../api/object.ts';
import type { Executors, Plan } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { SECRETS, SERVICE_ACCOUNTS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
/** The longest that can be asked for; the token dies with its secret or its account before. */
const TOKEN_SECONDS = 2 ** 32;

export interface TokenSecretState {
  readonly secret: Secret;
  /** Nothing where it is gone. */
  readonly account: ServiceAccount | undefined;
  readonly pem: string;
}

export type TokenSecretAction =
  | { readonly kind: 'fill'; readonly reason: string; readonly secret: Secret; readonly account: ServiceAccount }
  | { readonly kind: 'delete'; readonly reason: string; readonly secret: Secret };

/** A secret of this type holds a lasting token of the account that it names (upstream `tokens_controller`). */
export function planTokenSecret({ secret, account, pem }: TokenSecretState): Plan<TokenSecretAction> {
  if (secret.metadata?.deletionTimestamp !== undefined) return { actions: [] };
  const uid = secret.metadata?.annotations?.[ACCOUNT_UID];
  if (account === undefined || (uid !== undefined && uid !== account.metadata?.uid)) {
    return { actions: [{ kind: 'delete', reason: 'its account is gone', secret }] };
  }
  const { token, ...others } = secret.data ?? {};
  const complete = Object.entries(surroundings(secret, pem)).every(([key, value]) => others[key] === value);
  if (token !== undefined && complete && uid !== undefined) return { actions: [] };
  return { actions: [{ kind: 'fill', reason: 'it is not complete', secret, account }] };
}

/** What a client needs beside the token. */
function surroundings(secret: Secret, pem: string): Record<string, string> {
  return { 'ca.crt': encoded(pem), namespace: encoded(secret.metadata?.namespace ?? '') };
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function tokenSecretController(context: ControllerContext): Controller {
  const { informers, rootCaPem: pem } = context;
  const secrets = informers.for<Secret>(SECRETS, { fieldSelector: `type=${TYPE}` });
  const accounts = informers.for<ServiceAccount>(SERVICE_ACCOUNTS);
  const accountKey = ({ metadata }: KubeObject) => `${metadata?.namespace}/${metadata?.annotations?.[ACCOUNT_NAME]}`;
  const read = (key: string): TokenSecretState | undefined => {
    const secret = secrets.objects.get(key);
    return secret && { secret, account: accounts.objects.get(accountKey(secret)), pem };
  };
  const secretsOf = (account: ServiceAccount) =>
    secrets.objects
      .inNamespace(account.metadata?.namespace ?? '')
      .filter((secret) => accountKey(secret) === objectKey(account))
      .map((secret) => objectKey(secret));
  return reconciling(
    context,
    { name: 'serviceaccount-token', read, plan: planTokenSecret, executors: tokenExecutors(context) },
    [onChange(secrets, (secret) => [objectKey(secret)]), onChange(accounts, secretsOf)],
  );
}

interface TokenRequest extends KubeObject {
  status?: { token?: string };
}

function tokenExecutors({ client, rootCaPem }: ControllerContext): Executors<TokenSecretAction> {
  const request = async (secret: Secret, account: ServiceAccount, signal: AbortSignal) => {
    const { name = '', uid = '' } = secret.metadata ?? {};
    const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name, uid };
    const spec = { audiences: [], expirationSeconds: TOKEN_SECONDS, boundObjectRef };
    const target = { ...targetOf(account), subresource: 'token' };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
    return (await client.create<TokenRequest>(SERVICE_ACCOUNTS, target, body, signal)).status?.token ?? '';
  };
  return {
    fill: async ({ secret, account }, signal) => {
      const token = secret.data?.['token'] ?? encoded(await request(secret, account, signal));
      const annotations = { ...secret.metadata?.annotations, [ACCOUNT_UID]: account.metadata?.uid ?? '' };
      const data = { ...secret.data, ...surroundings(secret, rootCaPem), token };
      const filled = { ...secret, metadata: { ...secret.metadata, annotations }, data };
      await unlessGone(client.update(SECRETS, targetOf(secret), filled, signal));
    },
    delete: async ({ secret }, signal) => {
      const live = await unlessGone(
        client.get(
          SERVICE_ACCOUNTS,
          { ...targetOf(secret), name: secret.metadata?.annotations?.[ACCOUNT_NAME] ?? '' },
          signal,
        ),
      );
      // It may have been made with its secret, and only not been seen yet.
      const uid = secret.metadata?.annotations?.[ACCOUNT_UID];
      if (live !== undefined && (uid === undefined || uid === live.metadata?.uid)) return;
      const preconditions = { uid: secret.metadata?.uid ?? '' };
      await unlessGone(client.delete(SECRETS, targetOf(secret), signal, { preconditions }));
    },
  };
}
