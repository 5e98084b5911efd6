import type { KubeObject } from '../../../api/object.ts';
import type { Status } from '../../../api/status-error.ts';
import type { ApiResponse } from '../../../client/index.ts';
import type { AdmissionChain } from '../../admission/admission.ts';
import type { BodyDecoder } from '../../schema/index.ts';
import type { ResourceCatalog, ServedResource } from '../catalog.ts';
import type { ResourceCall } from '../call.ts';
import type { Deleter } from '../deleter.ts';
import type { ManagedFields } from '../field-ownership.ts';
import type { Patcher } from '../patcher.ts';
import { encoded, type Presenter } from '../presenter.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import { formOf } from '../endpoint.ts';

/** What the subresources with a behaviour of their own are made of. */
export interface SubresourceParts {
  readonly catalog: ResourceCatalog;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly deleter: Deleter;
  readonly presenter: Presenter;
  readonly decoder: BodyDecoder;
  readonly patcher: Patcher;
  readonly ownership: ManagedFields;
  readonly admission: AdmissionChain;
  /** Objects of a built-in kind, by plural. */
  readonly list: (plural: string, namespace: string) => Promise<KubeObject[]>;
}

/** `Success` with 201, as the creating subresources answer. */
export function created(call: ResourceCall): ApiResponse {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return encoded(201, status, formOf(call, false));
}

/** The pods behind calls on `bindings`, which are no subresource of theirs. */
export function podsOf({ catalog }: SubresourceParts, call: ResourceCall): ServedResource {
  return catalog.find('', 'v1', 'pods') ?? call.served;
}
