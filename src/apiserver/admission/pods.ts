import type { Pod, PodSpec } from '../../api/kinds.ts';
import type { AdmissionRequest } from './admission.ts';

/** The pod that is being made or changed as a whole, with what it was. */
export function wholePod(request: AdmissionRequest): { spec: PodSpec; before: PodSpec | undefined } | undefined {
  const { operation, resource, subresource, object, oldObject } = request;
  if (resource.plural !== 'pods' || resource.group !== '' || subresource !== '') return undefined;
  if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
  const [pod, old]: [Pod | undefined, Pod | undefined] = [object, oldObject];
  return pod?.spec === undefined ? undefined : { spec: pod.spec, before: old?.spec };
}

/** The pod that is being made, with its spec; undefined for every other request. */
export function newPod(request: AdmissionRequest): { pod: Pod; spec: PodSpec } | undefined {
  const { operation, resource, subresource, object } = request;
  if (operation !== 'CREATE' || resource.plural !== 'pods' || resource.group !== '' || subresource !== '')
    return undefined;
  const pod: Pod | undefined = object;
  if (pod?.spec === undefined) return undefined;
  // The schema has checked the types, but not what a client must give: that is for validation, which comes later.
  const given: Partial<PodSpec> = pod.spec;
  given.containers ??= [];
  return { pod, spec: pod.spec };
}
