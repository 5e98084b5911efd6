/** From the twin to the status of the objects. Pure. */
import { equalJson } from '../api/json.ts';
import type { KubeObject } from '../api/object.ts';
import type { Plan } from '../client/index.ts';
import { type Device, type DeviceStatus, GROUP, type ReportedStatus, VERSION } from './device-kinds.ts';
import type { TwinnedDevice } from './device-twins.ts';
import { newestTime, reportedStatus, summaryOf, timeless } from './reported-status.ts';

/** Values that come again unchanged bring new times only, and those are not worth a write each. */
const REFRESH_MS = 10_000;

export interface ReportState {
  readonly device: Device;
  readonly deviceStatus: DeviceStatus | undefined;
  readonly twinned: TwinnedDevice;
  /** Milliseconds until it may be written again. */
  readonly restMs: number;
}

export type ReportAction =
  | { readonly kind: 'createStatus'; readonly object: KubeObject; readonly reason: string }
  | { readonly kind: 'writeStatus'; readonly device: Device; readonly status: object; readonly reason: string }
  | { readonly kind: 'writeDeviceStatus'; readonly device: Device; readonly status: object; readonly reason: string };

export function planReport(state: ReportState): Plan<ReportAction> {
  const plan = reportOf(state);
  return plan.actions.length === 0 || state.restMs === 0 ? plan : { actions: [], recheckAfterMs: state.restMs };
}

function reportOf({ device, deviceStatus, twinned }: ReportState): Plan<ReportAction> {
  const heard = reportedStatus(device, twinned);
  if (isEmpty(heard)) return { actions: [] };
  if (deviceStatus === undefined) {
    return {
      actions: [{ kind: 'createStatus', object: statusObject(device, heard), reason: 'the device has none yet' }],
    };
  }
  const summary = summaryOf(heard.twins);
  const old = urgency(device.status ?? {}, heard);
  const split = urgency(deviceStatus.status ?? {}, heard);
  const reason = 'the device has been heard';
  const later = [old, split].filter((each) => typeof each === 'number');
  return {
    actions: [
      ...(split === 'now' ? [{ kind: 'writeDeviceStatus', device, status: heard, reason } as const] : []),
      ...(old === 'now' ? [{ kind: 'writeStatus', device, status: { ...heard, summary }, reason } as const] : []),
    ],
    ...(later.length === 0 ? {} : { recheckAfterMs: Math.min(...later) }),
  };
}

/** In how many milliseconds it is to be written, where only times differ. */
function urgency(told: ReportedStatus, heard: ReportedStatus): 'now' | 'never' | number {
  if (!equalJson(timeless(told), timeless(heard))) return 'now';
  const newer = newestTime(heard) - newestTime(told);
  if (newer <= 0) return 'never';
  return newer >= REFRESH_MS ? 'now' : REFRESH_MS - newer;
}

function isEmpty({ twins = [], state, lastOnlineTime }: ReportedStatus): boolean {
  return twins.length === 0 && state === undefined && lastOnlineTime === undefined;
}

/** Goes with its device. */
function statusObject(device: Device, status: ReportedStatus): KubeObject {
  const { name = '', namespace = '', uid = '' } = device.metadata ?? {};
  const owner = { apiVersion: `${GROUP}/${VERSION}`, kind: 'Device', name, uid, controller: true };
  const metadata = { name, namespace, ownerReferences: [owner] };
  return { apiVersion: `${GROUP}/${VERSION}`, kind: 'DeviceStatus', metadata, status };
}
