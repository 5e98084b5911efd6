/** `namespaceSelector` and `objectSelector` of webhooks and admission policies. */
import type { KubeObject } from '../../../api/object.ts';
import type { LabelSelector } from '../../../api/selectors.ts';
import { notFound } from '../../../api/status-error.ts';
import type { AdmissionObjects, AdmissionRequest } from '../admission.ts';
import { isNamespace, namespaceOf } from './resource-rules.ts';

/**
 * Whether the namespace of the request is selected; cluster-scoped objects always are. Rejects with NotFound where there
 * is no such namespace.
 */
export async function namespaceSelected(
  selector: LabelSelector,
  request: AdmissionRequest,
  objects: AdmissionObjects,
): Promise<boolean> {
  const name = namespaceOf(request);
  if (selector.isEverything || (name === '' && !isNamespace(request.resource))) return true;
  return selector.matches(await namespaceLabels(request, name, objects));
}

/** A Namespace that is being written carries its labels itself: the stored ones are not those that it will have. */
async function namespaceLabels(
  { resource, subresource, object }: AdmissionRequest,
  name: string,
  objects: AdmissionObjects,
): Promise<Record<string, string> | undefined> {
  if (isNamespace(resource) && subresource === '' && object !== undefined) return object.metadata?.labels;
  const namespace = await objects.get('namespaces', '', name);
  if (namespace === undefined) throw notFound({ group: '', plural: 'namespaces' }, name);
  return namespace.metadata?.labels;
}

/** Whether the object is selected as it was or as it will be. */
export function objectSelected(selector: LabelSelector, { object, oldObject }: AdmissionRequest): boolean {
  const selected = (each: KubeObject | undefined): boolean =>
    each !== undefined && selector.matches(each.metadata?.labels);
  return selector.isEverything || selected(object) || selected(oldObject);
}
