import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import { StatusError } from '../../api/status-error.ts';
import { MEDIA_TYPES } from '../door/negotiation.ts';
import { protobufToJson } from '../protobuf/index.ts';
import type { BodyDecoder, FieldValidation } from '../schema/index.ts';
import type { ResourceCall } from './call.ts';

const NO_BODY = new Uint8Array();

export function bodyOf({ request }: ResourceCall): Uint8Array {
  return request.body ?? NO_BODY;
}

/** Reads the body as an object of the kind. Throws BadRequest, UnsupportedMediaType. */
export function decodeBody(
  decoder: BodyDecoder,
  call: ResourceCall,
  kind: GroupVersionKind,
  fieldValidation: FieldValidation,
): KubeObject {
  const given = bodyFormat(call.request.headers['content-type']);
  const { custom, info } = call.served;
  if (given === 'protobuf' && custom && kind.group === info.group) throw unknownFormat('');
  const [bytes, format] =
    given === 'protobuf' ? [protobufToJson(bodyOf(call)), 'json' as const] : [bodyOf(call), given];
  const { object, warnings } = decoder.decode({ bytes, format, kind, fieldValidation });
  warnings.forEach(call.warn);
  return object;
}

function bodyFormat(contentType: string | undefined): 'json' | 'yaml' | 'protobuf' {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' || type === 'application/json' || type === '*/*') return 'json';
  if (type === 'application/yaml') return 'yaml';
  if (type === MEDIA_TYPES.protobuf) return 'protobuf';
  throw unknownFormat(`, ${MEDIA_TYPES.protobuf}`);
}

function unknownFormat(further: string): StatusError {
  const accepted = `${MEDIA_TYPES.json}, ${MEDIA_TYPES.yaml}${further}`;
  return new StatusError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}
