/** What is to become of the ConfigMap that hands the devices of a namespace to mappers. Pure. */
import type { ConfigMap } from '../../api/kinds.ts';
import type { Action, Plan } from '../../client/index.ts';
import { deviceProfile, type ProfiledDevice } from './device-profile.ts';

export const PROFILE_KEY = 'deviceProfile.json';
/** As kube-apiserver: of all values of a ConfigMap together. */
const MAX_PROFILE_BYTES = 1024 * 1024;
/** While the API is away. */
const LOOK_AGAIN_MS = 1_000;
const OWNER = 'app.kubernetes.io/managed-by';
const OURS = { [OWNER]: 'edgesite' };

export interface ProfileState {
  readonly namespace: string;
  /** Of the ConfigMap. */
  readonly name: string;
  /** Those of the namespace and the node that a mapper could serve; nothing while the API does not tell which they are. */
  readonly devices: readonly ProfiledDevice[] | undefined;
  readonly configMap: ConfigMap | undefined;
  /** Milliseconds until it may be written again. */
  readonly restMs: number;
  /** Bytes of the profile that was last told to be too large. */
  readonly toldBytes: number | undefined;
}

export type ProfileAction = Action &
  (
    | { kind: 'create' | 'write'; namespace: string; configMap: ConfigMap }
    | { kind: 'remove'; namespace: string }
    | { kind: 'tellTooLarge'; namespace: string; bytes: number }
  );

export function planProfile(state: ProfileState): Plan<ProfileAction> {
  const { devices, restMs } = state;
  if (devices === undefined) return { actions: [], recheckAfterMs: LOOK_AGAIN_MS };
  const actions = actionsFor(state, devices);
  return actions.length === 0 || restMs === 0 ? { actions } : { actions: [], recheckAfterMs: restMs };
}

function actionsFor(state: ProfileState, devices: readonly ProfiledDevice[]): ProfileAction[] {
  const { namespace, name, configMap } = state;
  if (devices.length === 0) {
    const isOurs = configMap?.metadata?.labels?.[OWNER] === OURS[OWNER];
    return isOurs ? [{ kind: 'remove', namespace, reason: 'the last device has gone' }] : [];
  }
  const text = JSON.stringify(deviceProfile(devices));
  if (configMap?.data?.[PROFILE_KEY] === text) return [];
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PROFILE_BYTES) {
    if (bytes === state.toldBytes) return [];
    return [{ kind: 'tellTooLarge', namespace, bytes, reason: tooLarge(devices.length, bytes) }];
  }
  const wanted: ConfigMap = { metadata: { name, namespace, labels: OURS }, data: { [PROFILE_KEY]: text } };
  const kind = configMap === undefined ? 'create' : 'write';
  return [{ kind, namespace, configMap: wanted, reason: 'devices or models are others' }];
}

function tooLarge(devices: number, bytes: number): string {
  return (
    `the profile of ${devices} devices has ${bytes} bytes, and a ConfigMap holds ${MAX_PROFILE_BYTES}: it stays as it was. ` +
    'Spread the devices over namespaces, or use mappers of KubeEdge 1.15 or later'
  );
}
