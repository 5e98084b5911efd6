import { forbidden, notFound, StatusError } from '../../api/status-error.ts';
import type { KubeObject } from '../../api/object.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** Namespaces that a cluster cannot be without. */
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', plural: 'namespaces' };
/** Reviews ask about a namespace without putting anything into it. */
const NOT_STORED = new Set(['localsubjectaccessreviews']);

/** Objects go only into namespaces that are there and not on their way out. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  readonly #objects: AdmissionObjects;

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async admit(request: AdmissionRequest): Promise<void> {
    const { operation, resource, name, namespace } = request;
    if (resource.group === '' && resource.plural === 'namespaces') {
      if (operation === 'DELETE' && IMMORTAL.has(name)) {
        throw forbidden(resource, name, 'this namespace may not be deleted');
      }
      return;
    }
    if (operation !== 'CREATE' || namespace === '' || NOT_STORED.has(resource.plural)) return;
    const found = await this.#objects.get('namespaces', '', namespace);
    if (found === undefined) throw notFound(NAMESPACES, namespace);
    if (isTerminating(found) && request.subresource === '') throw terminating(request);
  }
}

function isTerminating({ metadata, status }: KubeObject): boolean {
  return (
    metadata?.deletionTimestamp !== undefined || (status as { phase?: string } | undefined)?.phase === 'Terminating'
  );
}

function terminating({ resource, name, namespace }: AdmissionRequest): StatusError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message, details } = forbidden(resource, name, why);
  return new StatusError('Forbidden', message, {
    details: {
      ...details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  });
}
