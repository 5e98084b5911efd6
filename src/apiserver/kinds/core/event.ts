/** Events of both groups: one kind in the store, two spellings on the wire. */
import { coreEventErrors, eventErrors, eventUpdateErrors } from './event-validation.ts';
import { pathSegmentErrors } from '../../../api/names.ts';
import { defineKind } from '../draft.ts';
import type { CoreEventDraft, EventDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { age } from '../table/duration.ts';

export const coreEvent = defineKind<CoreEventDraft>({
  nameErrors: pathSegmentErrors,
  validate: coreEventErrors,
  validateUpdate: coreEventErrors,
  createOnUpdate: true,
  selectableFields: selectable,
  table: { columns: COLUMNS['/events'], cells: cellsOf },
});

export const event = defineKind<EventDraft>({
  validate: (object) => eventErrors(asCoreEvent(object)),
  validateUpdate: (object, old) => eventUpdateErrors(asCoreEvent(object), asCoreEvent(old)),
  createOnUpdate: true,
  selectableFields: (object) => selectable(asCoreEvent(object)),
  table: { columns: COLUMNS['/events'], cells: (object, now) => cellsOf(asCoreEvent(object), now) },
});

/** The `v1` spelling of an event of `events.k8s.io/v1`; `metadata` is shared. */
export function asCoreEvent(event: EventDraft): CoreEventDraft {
  return withoutUndefined({
    metadata: event.metadata,
    involvedObject: event.regarding,
    related: event.related,
    reason: event.reason,
    message: event.note,
    type: event.type,
    action: event.action,
    eventTime: event.eventTime,
    series: event.series,
    reportingComponent: event.reportingController,
    reportingInstance: event.reportingInstance,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
  });
}

/** Leaves out the members that are undefined. */
function withoutUndefined(members: Record<string, unknown>): CoreEventDraft {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function cellsOf(object: CoreEventDraft, now: number): unknown[] {
  const first = age(object.firstTimestamp ?? object.eventTime, now);
  const last = object.series === undefined ? object.lastTimestamp : object.series.lastObservedTime;
  const subject = object.involvedObject;
  const kind = (subject?.kind ?? '').toLowerCase();
  return [
    last === undefined || last === null ? first : age(last, now),
    object.type ?? '',
    object.reason ?? '',
    subject?.name === undefined ? kind : `${kind}/${subject.name}`,
    subject?.fieldPath ?? '',
    sourceText(object),
    (object.message ?? '').trim(),
    first,
    object.series?.count ?? object.count ?? 1,
    object.metadata?.name,
  ];
}

/** `kubelet, node-1`; newer reporters name themselves in other fields. */
function sourceText({ source, reportingComponent, reportingInstance }: CoreEventDraft): string {
  const component = source?.component ?? reportingComponent ?? '';
  const host = source?.host ?? reportingInstance ?? '';
  return [component, host].filter((part) => part !== '').join(', ');
}

function selectable(object: CoreEventDraft): Record<string, string> {
  const subject = object.involvedObject ?? {};
  return {
    'involvedObject.kind': subject.kind ?? '',
    'involvedObject.namespace': subject.namespace ?? '',
    'involvedObject.name': subject.name ?? '',
    'involvedObject.uid': subject.uid ?? '',
    'involvedObject.apiVersion': subject.apiVersion ?? '',
    'involvedObject.resourceVersion': subject.resourceVersion ?? '',
    'involvedObject.fieldPath': subject.fieldPath ?? '',
    reason: object.reason ?? '',
    reportingComponent: object.reportingComponent ?? '',
    source: object.source?.component ?? object.reportingComponent ?? '',
    type: object.type ?? '',
  };
}
