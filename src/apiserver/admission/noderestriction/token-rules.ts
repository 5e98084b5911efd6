/** Which tokens of service accounts a node may ask for: those that one of its pods is to use. */
import type { Pod } from '../../../api/kinds.ts';
import type { KubeObject } from '../../../api/object.ts';

export interface RequestedToken {
  readonly audiences: readonly string[];
  /** The pod that it is bound to. */
  readonly pod: string;
  readonly uid: string;
}

interface Spec {
  readonly audiences?: readonly string[] | null;
  readonly boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string } | null;
}

/** What is asked for, or why that cannot be. */
export function requestedToken(request: KubeObject): RequestedToken | { readonly problem: string } {
  const { audiences, boundObjectRef } = (request['spec'] ?? {}) as Spec;
  const { apiVersion, kind, name = '', uid = '' } = boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '')
    return { problem: 'node requested token not bound to a pod' };
  if (uid === '') return { problem: 'node requested token with a pod binding without a uid' };
  return { audiences: audiences ?? [], pod: name, uid };
}

/** Why a node may not have it. `drivers` are the CSIDrivers of its volumes. */
export function tokenProblem(
  nodeName: string,
  { audiences, uid }: RequestedToken,
  pod: Pod,
  drivers: readonly KubeObject[],
): string | undefined {
  if (pod.metadata?.uid !== uid) {
    return (
      `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
      'The object might have been deleted and then recreated'
    );
  }
  if (pod.spec?.nodeName !== nodeName) return 'node requested token bound to a pod scheduled on a different node';
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const [audience = ''] = audiences;
  if (mountedAudiences(pod).includes(audience) || drivers.some((driver) => asksFor(driver, audience))) return undefined;
  return `audience "${audience}" not found in pod spec volume`;
}

function mountedAudiences({ spec }: Pod): string[] {
  const sources = (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  return sources.flatMap(({ serviceAccountToken }) =>
    serviceAccountToken === undefined ? [] : [serviceAccountToken.audience ?? ''],
  );
}

function asksFor(driver: KubeObject, audience: string): boolean {
  const { tokenRequests } = (driver['spec'] ?? {}) as { tokenRequests?: { audience?: string }[] | null };
  return (tokenRequests ?? []).some((each) => (each.audience ?? '') === audience);
}
