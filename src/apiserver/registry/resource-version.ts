/** What clients may ask of the age of an answer. */
import { forbiddenField, invalidObject, type FieldError } from '../../api/field-error.ts';
import { StatusError, badRequest } from '../../api/status-error.ts';

const LIST_OPTIONS = { group: 'meta.k8s.io', kind: 'ListOptions' };

export function parseRevision(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** A revision that is not there yet: worth another try. */
export function tooLargeRevision(asked: number, current: number): StatusError {
  return new StatusError('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

export function expired(message: string): StatusError {
  return new StatusError('Expired', message);
}

/** The rules of `ValidateListOptions`. */
export function assertListOptions(query: URLSearchParams, isWatch: boolean): void {
  const errors = isWatch ? watchErrors(query) : listErrors(query);
  if (errors.length > 0) throw invalidObject(LIST_OPTIONS, '', errors);
}

function listErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  if (query.has('sendInitialEvents')) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  const match = query.get('resourceVersionMatch') ?? '';
  if (match === '') return errors;
  const version = query.get('resourceVersion') ?? '';
  if ((query.get('continue') ?? '') !== '') {
    errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
  }
  if (version === '') {
    errors.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
    );
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(unsupportedMatch(match));
  if (match === 'Exact' && version === '0') {
    errors.push(
      forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
    );
  }
  return errors;
}

function watchErrors(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const match = query.get('resourceVersionMatch') ?? '';
  const sendsInitial = query.has('sendInitialEvents');
  if (sendsInitial && match !== 'NotOlderThan') {
    errors.push(
      forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    );
  } else if (!sendsInitial && match !== '') {
    errors.push(
      forbiddenField(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  }
  if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan') errors.push(unsupportedMatch(match));
  if ((query.get('continue') ?? '') !== '') {
    errors.push(forbiddenField('continue', 'continue is forbidden for watch'));
  }
  return errors;
}

function unsupportedMatch(match: string): FieldError {
  return {
    type: 'FieldValueNotSupported',
    field: 'resourceVersionMatch',
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
  };
}
