/** Validation of events: upstream `pkg/apis/core/validation/events.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import type { CoreEventDraft, EventDraft } from '../models.ts';
import { immutable, invalidFor, isEmpty } from '../validation/checks.ts';

const MAX_NAME_CHARACTERS = 128;
const MAX_NOTE_BYTES = 1024;

/** An event stands in the namespace of what it is about; those about cluster-scoped objects in `default`. */
function namespaceErrors(event: CoreEventDraft): FieldError[] {
  const own = event.metadata?.namespace ?? '';
  const subject = event.involvedObject?.namespace ?? '';
  const homeless = subject === '' && (own === 'default' || own === 'kube-system');
  if (homeless || subject === own) return [];
  return [invalid('involvedObject.namespace', subject, 'does not match event.namespace')];
}

export function coreEventErrors(event: CoreEventDraft): FieldError[] {
  return namespaceErrors(event);
}

/** The newer group asks for more. */
export function eventErrors(event: EventDraft, asCore: CoreEventDraft): FieldError[] {
  const errors = namespaceErrors(asCore);
  if (isEmpty(event.eventTime)) errors.push(required('eventTime'));
  if (event.type !== 'Normal' && event.type !== 'Warning')
    errors.push(invalid('type', '', `has invalid value: ${event.type ?? ''}`));
  errors.push(...boundedText('action', event.action), ...boundedText('reason', event.reason));
  if (isEmpty(event.reportingController)) errors.push(required('reportingController'));
  else
    errors.push(
      ...invalidFor('reportingController', event.reportingController, qualifiedNameErrors(event.reportingController)),
    );
  errors.push(...boundedText('reportingInstance', event.reportingInstance));
  if (Buffer.byteLength(event.note ?? '') > MAX_NOTE_BYTES) {
    errors.push(invalid('message', '', `can have at most ${MAX_NOTE_BYTES} characters`));
  }
  return errors;
}

function boundedText(path: string, text: string | undefined): FieldError[] {
  if (isEmpty(text)) return [required(path)];
  if (text.length <= MAX_NAME_CHARACTERS) return [];
  return [invalid(path, '', `can have at most ${MAX_NAME_CHARACTERS} characters`)];
}

const FIXED = [
  'regarding',
  'related',
  'reason',
  'type',
  'action',
  'reportingController',
  'reportingInstance',
  'eventTime',
  'note',
] as const;

export function eventUpdateErrors(event: EventDraft, old: EventDraft): FieldError[] {
  return FIXED.flatMap((member) => immutable(member, event[member], old[member]));
}
