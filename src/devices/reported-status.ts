/** What was heard of a device, as the status of its objects says it. Pure. */
import type { Device, PropertyValue, ReportedStatus, TwinStatus } from './device-kinds.ts';
import type { TwinnedDevice, TwinProperty, TwinSide } from './device-twins.ts';

const MAX_SUMMARY = 80;

/** Only properties that the object lists, in its order, unless it says that they are not to be reported. */
export function reportedStatus(
  { spec = {} }: Device,
  twinned: TwinnedDevice,
): Required<Pick<ReportedStatus, 'twins'>> & ReportedStatus {
  const { state, lastOnline, twin } = twinned;
  const twins = (spec.properties ?? []).flatMap(({ name, reportToCloud }): TwinStatus[] => {
    const property = twin[name];
    if (reportToCloud === false || property === undefined) return [];
    const { actual, expected } = property;
    if (actual === undefined && expected === undefined) return [];
    return [
      {
        propertyName: name,
        ...(actual === undefined ? {} : { reported: valueOf(actual, property) }),
        ...(expected === undefined ? {} : { observedDesired: valueOf(expected, property) }),
      },
    ];
  });
  return {
    twins,
    ...(state === undefined || spec.stateReport?.reportToCloud === false ? {} : { state }),
    ...(lastOnline === undefined ? {} : { lastOnlineTime: lastOnline }),
  };
}

/** `temp=19 (20), hum=5`: reported values, in brackets the desired ones that differ. */
export function summaryOf(twins: readonly TwinStatus[]): string {
  const parts = twins.map(({ propertyName, reported, observedDesired }) => {
    const actual = reported?.value ?? '';
    const wanted =
      observedDesired === undefined || observedDesired.value === actual ? '' : ` (${observedDesired.value})`;
    return `${propertyName}=${actual}${wanted}`;
  });
  const text = parts.join(', ');
  return text.length <= MAX_SUMMARY ? text : `${text.slice(0, MAX_SUMMARY - 1)}…`;
}

/** Without the times: whether anything but they has changed. */
export function timeless({ twins = [], state }: ReportedStatus): object {
  const values = twins.map(({ propertyName, reported, observedDesired }) => {
    return [propertyName, reported?.value, reported?.metadata?.['type'], observedDesired?.value];
  });
  return { values, state };
}

/** The newest time in it, in milliseconds. */
export function newestTime({ twins = [], lastOnlineTime }: ReportedStatus): number {
  const stamps = twins.map(({ reported }) => Number(reported?.metadata?.['timestamp'] ?? 0));
  const online = Date.parse(lastOnlineTime ?? '');
  return Math.max(0, Number.isNaN(online) ? 0 : online, ...stamps.filter(Number.isFinite));
}

function valueOf({ value, metadata }: TwinSide, property: TwinProperty): PropertyValue {
  return { value, metadata: { timestamp: String(metadata.timestamp), type: property.metadata.type } };
}
