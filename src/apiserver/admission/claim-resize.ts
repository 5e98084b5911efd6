import type { PersistentVolumeClaim } from '../../api/kinds.ts';
import { compareQuantities, parseQuantity, type Quantity } from '../../api/quantity.ts';
import { forbidden } from '../../api/status-error.ts';
import { storageClassOf } from '../../api/volumes/storage-class.ts';
import type { AdmissionObjects, AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** A claim grows only where its class says that its volumes can (`plugin/pkg/admission/storage/persistentvolume/resize`). */
export class ClaimResize implements AdmissionPlugin {
  readonly name = 'PersistentVolumeClaimResize';
  readonly #objects: AdmissionObjects;

  constructor(objects: AdmissionObjects) {
    this.#objects = objects;
  }

  async validate({ operation, resource, subresource, name, object, oldObject }: AdmissionRequest): Promise<void> {
    if (operation !== 'UPDATE' || resource.group !== '' || resource.plural !== 'persistentvolumeclaims') return;
    if (subresource !== '' || object === undefined || oldObject === undefined) return;
    const [claim, old]: [PersistentVolumeClaim, PersistentVolumeClaim] = [object, oldObject];
    if (compareQuantities(requested(claim), requested(old)) <= 0) return;
    if (old.status?.phase !== 'Bound') {
      throw forbidden(resource, name, 'Only bound persistent volume claims can be expanded');
    }
    const className = storageClassOf(claim);
    const found = className === '' ? undefined : await this.#objects.get('storageclasses', '', className);
    if (found?.['allowVolumeExpansion'] === true) return;
    const why =
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
    throw forbidden(resource, name, why);
  }
}

function requested({ spec }: PersistentVolumeClaim): Quantity {
  return parseQuantity(spec?.resources?.requests?.['storage'] ?? '0');
}
