/** The objects that a binding hands to its policy: upstream `admission/plugin/policy/generic/policy_dispatcher.go`. */
import type { KubeObject } from '../../../api/object.ts';
import { LabelSelector, type LabelSelectorObject } from '../../../api/selectors.ts';

export interface ParamKind {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
}

export interface ParamRef {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly selector?: LabelSelectorObject | undefined;
  readonly parameterNotFoundAction?: string | undefined;
}

/** The objects of one kind. */
export interface KindObjects {
  readonly namespaced: boolean;
  /** Empty namespace: of cluster-scoped kinds. */
  get(namespace: string, name: string): Promise<KubeObject | undefined>;
  list(namespace: string): Promise<KubeObject[]>;
}

/** Undefined where the kind is not served. */
export type ParamSource = (apiVersion: string, kind: string) => KindObjects | undefined;

/** A binding that cannot be used; for the failure policy. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** One `undefined` where the policy runs without parameters; none where there is nothing to run it with. */
export async function collectParams(
  kind: ParamKind | undefined,
  ref: ParamRef | undefined,
  namespace: string,
  source: ParamSource,
): Promise<(KubeObject | undefined)[]> {
  if (kind === undefined || ref === undefined) return [undefined];
  const found = await find(kind, ref, namespace, source);
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny') {
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return found;
}

async function find(
  { apiVersion = '', kind = '' }: ParamKind,
  ref: ParamRef,
  requestNamespace: string,
  source: ParamSource,
): Promise<KubeObject[]> {
  const objects = source(apiVersion, kind);
  // As Go prints the structure.
  if (objects === undefined) {
    throw new ConfigurationError(`paramKind kind \`&ParamKind{APIVersion:${apiVersion},Kind:${kind},}\` not known`);
  }
  if (!objects.namespaced && (ref.namespace ?? '') !== '') {
    throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const namespace = objects.namespaced ? (ref.namespace ?? '') || requestNamespace : '';
  if (objects.namespaced && namespace === '') {
    const why = 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
    throw new ConfigurationError(why);
  }
  if ((ref.name ?? '') !== '') {
    const one = await objects.get(namespace, ref.name ?? '');
    return one === undefined ? [] : [one];
  }
  const selector = LabelSelector.from(ref.selector);
  return (await objects.list(namespace)).filter(({ metadata }) => selector.matches(metadata?.labels));
}
