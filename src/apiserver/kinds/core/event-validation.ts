/** Validation of events: upstream `pkg/apis/core/validation/events.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import type { CoreEventDraft } from '../models.ts';
import { immutable, invalidFor, isEmpty } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

const MAX_NAME_CHARACTERS = 128;
const MAX_NOTE_BYTES = 1024;

/** What both groups ask for: little of events without a precise time, which old clients make. */
export function coreEventErrors(event: CoreEventDraft): FieldError[] {
  return commonErrors(event, 'reportingComponent');
}

function commonErrors(event: CoreEventDraft, reporting: string): FieldError[] {
  const own = event.metadata?.namespace ?? '';
  const subject = event.involvedObject?.namespace ?? '';
  const elsewhere = [invalid('involvedObject.namespace', subject, 'does not match event.namespace')];
  if (isEmpty(event.eventTime)) {
    return subject === own || (subject === '' && own === 'default') ? [] : elsewhere;
  }
  const controller = event.reportingComponent ?? '';
  return [
    ...(subject === '' && own !== 'default' && own !== 'kube-system' ? elsewhere : []),
    ...(controller === '' ? [required(reporting)] : []),
    ...invalidFor(reporting, controller, qualifiedNameErrors(controller)),
    ...boundedText('reportingInstance', event.reportingInstance),
    ...boundedText('action', event.action),
    ...boundedText('reason', event.reason),
    ...(Buffer.byteLength(event.message ?? '') > MAX_NOTE_BYTES
      ? [invalid('message', '', `can have at most ${MAX_NOTE_BYTES} characters`)]
      : []),
  ];
}

function boundedText(path: string, text: string | undefined): FieldError[] {
  if (isEmpty(text)) return [required(path)];
  if (Buffer.byteLength(text) <= MAX_NAME_CHARACTERS) return [];
  return [invalid(path, '', `can have at most ${MAX_NAME_CHARACTERS} characters`)];
}

/** The newer group asks for more, and for nothing of what it has replaced. Fields are told by their old names. */
export function eventErrors(event: CoreEventDraft): FieldError[] {
  const { type = '', source, count = 0 } = event;
  const unset = (path: string, isSet: boolean) => (isSet ? [invalid(path, '', 'needs to be unset')] : []);
  return [
    ...commonErrors(event, 'reportingController'),
    ...seriesErrors(event.series),
    ...(isEmpty(event.eventTime) ? [required('eventTime')] : []),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...unset('firstTimestamp', !isEmpty(event.firstTimestamp)),
    ...unset('lastTimestamp', !isEmpty(event.lastTimestamp)),
    ...unset('count', count !== 0),
    ...unset('source', !isEmpty(source?.component) || !isEmpty(source?.host)),
  ];
}

function seriesErrors(series: CoreEventDraft['series']): FieldError[] {
  if (series === undefined) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(isEmpty(series.lastObservedTime) ? [required('series.lastObservedTime')] : []),
  ];
}

/** What happened does not change afterwards; how often may. */
export function eventUpdateErrors(event: CoreEventDraft, old: CoreEventDraft): FieldError[] {
  const now = shownOf(event);
  const before = shownOf(old);
  const series = JSON.stringify(event.series) === JSON.stringify(old.series) ? [] : seriesErrors(event.series);
  const fixed = Object.keys(now).flatMap((member) => immutable(member, now[member], before[member]));
  return [...commonErrors(event, 'reportingController'), ...series, ...fixed];
}

/** In the order in which upstream compares, as Go shows them. */
function shownOf(event: CoreEventDraft): Record<string, unknown> {
  return {
    involvedObject: goDump(event.involvedObject ?? {}, 'ObjectReference'),
    reason: event.reason ?? '',
    message: event.message ?? '',
    source: goDump(event.source ?? {}, 'EventSource'),
    firstTimestamp: event.firstTimestamp ?? null,
    lastTimestamp: event.lastTimestamp ?? null,
    count: event.count ?? 0,
    type: event.type ?? '',
    eventTime: event.eventTime ?? null,
    action: event.action ?? '',
    related: event.related === undefined ? null : goDump(event.related, 'ObjectReference'),
    reportingController: event.reportingComponent ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
}
