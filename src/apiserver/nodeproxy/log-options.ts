import { forbiddenField, type FieldError, invalid, invalidObject, notSupported } from '../../api/field-error.ts';

/** What `/containerLogs` of a kubelet takes of PodLogOptions. */
const HANDED_ON = [
  'follow',
  'previous',
  'timestamps',
  'sinceSeconds',
  'sinceTime',
  'tailLines',
  'limitBytes',
  'stream',
] as const;
const STREAMS = ['All', 'Stderr', 'Stdout'];

/** The kubelet's query for a client's PodLogOptions. Throws Invalid (`ValidatePodLogOptions`). */
export function logQuery(podName: string, query: URLSearchParams): URLSearchParams {
  const errors = validate(query);
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'PodLogOptions' }, podName, errors);
  const result = new URLSearchParams();
  for (const name of HANDED_ON) {
    const value = query.get(name);
    if (value !== null && value !== '') result.set(name, value);
  }
  return result;
}

function validate(query: URLSearchParams): FieldError[] {
  const errors: FieldError[] = [];
  const atLeast = (name: string, min: number, words: string): void => {
    const text = query.get(name);
    if (text === null || text === '') return;
    const value = Number(text);
    if (!Number.isSafeInteger(value)) errors.push(invalid(name, text, 'must be an integer'));
    else if (value < min) errors.push(invalid(name, value, words));
  };
  atLeast('tailLines', 0, 'must be greater than or equal to 0');
  atLeast('limitBytes', 1, 'must be greater than 0');
  if (query.has('sinceSeconds') && query.has('sinceTime')) {
    errors.push(forbiddenField('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  }
  atLeast('sinceSeconds', 1, 'must be greater than 0');
  const stream = query.get('stream');
  if (stream !== null && stream !== '') {
    if (!STREAMS.includes(stream)) errors.push(notSupported('stream', stream, STREAMS));
    else if (stream !== 'All' && query.has('tailLines')) {
      errors.push(forbiddenField('', '`tailLines` and specific `stream` are mutually exclusive for now'));
    }
  }
  return errors;
}
