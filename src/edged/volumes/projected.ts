/** Volumes whose content comes from the API: configMap, secret, downwardAPI, projected. */
import type { Wire } from '../../api/kinds.ts';
import type * as models from '@kubernetes/client-node';
import { hasCode } from '../../api/status-error.ts';
import { readTextIfThere } from '../../base/files.ts';
import { join } from 'node:path';
import { identityOf } from '../pods/pod-view.ts';
import { writeAtomically } from './atomic-writer.ts';
import { fieldValue, resourceValue } from './downward.ts';
import { configMapData, type Payload, type PayloadFile, secretData, select } from './payload.ts';
import {
  commonUser,
  ownershipOf,
  type PreparedVolume,
  readConfigMap,
  readSecret,
  type VolumeTask,
} from './volume-context.ts';

const DEFAULT_MODE = 0o644;
const TOKEN_MODE_OWNED = 0o600;
const DEFAULT_TOKEN_SECONDS = 3600;

type Items = readonly { key: string; path: string; mode?: number }[] | undefined;
type DownwardItem = Wire<models.V1DownwardAPIVolumeFile>;
type Projection = Wire<models.V1VolumeProjection>;

interface Content {
  readonly payload: Payload;
  readonly renewAt?: number | undefined;
}

export async function prepareConfigMap(task: VolumeTask): Promise<PreparedVolume> {
  const { name = '', items, optional = false, defaultMode = DEFAULT_MODE } = task.volume.configMap ?? {};
  return write(task, { payload: await configMapPayload(task, name, { items, optional, defaultMode }) });
}

export async function prepareSecret(task: VolumeTask): Promise<PreparedVolume> {
  const { secretName = '', items, optional = false, defaultMode = DEFAULT_MODE } = task.volume.secret ?? {};
  return write(task, { payload: await secretPayload(task, secretName, { items, optional, defaultMode }) });
}

export async function prepareDownwardApi(task: VolumeTask): Promise<PreparedVolume> {
  const { items = [], defaultMode = DEFAULT_MODE } = task.volume.downwardAPI ?? {};
  return write(task, { payload: downwardPayload(task, items, defaultMode) });
}

export async function prepareProjected(task: VolumeTask): Promise<PreparedVolume> {
  const { sources = [], defaultMode = DEFAULT_MODE } = task.volume.projected ?? {};
  const contents = await Promise.all(sources.map((source) => project(task, source, defaultMode)));
  const times = contents.flatMap(({ renewAt }) => (renewAt === undefined ? [] : [renewAt]));
  const payload = new Map(contents.flatMap((content) => [...content.payload]));
  return write(task, { payload, ...(times.length === 0 ? {} : { renewAt: Math.min(...times) }) });
}

async function write(task: VolumeTask, { payload, renewAt }: Content): Promise<PreparedVolume> {
  const owner = ownershipOf(task.pod);
  const uid = task.volume.projected === undefined ? undefined : commonUser(task.pod);
  await writeAtomically(task.folder, payload, { ...owner, uid }, task.tools.clock.now());
  return { hostPath: task.folder, readOnly: true, ...(renewAt === undefined ? {} : { renewAt }) };
}

interface Choice {
  readonly items: Items;
  readonly optional: boolean;
  readonly defaultMode: number;
}

async function configMapPayload(task: VolumeTask, name: string, choice: Choice): Promise<Payload> {
  const object = await readConfigMap(task, name, choice.optional);
  return object === undefined
    ? new Map()
    : select(configMapData(object), choice, 'configmap references non-existent config key');
}

async function secretPayload(task: VolumeTask, name: string, choice: Choice): Promise<Payload> {
  const object = await readSecret(task, name, choice.optional);
  return object === undefined ? new Map() : select(secretData(object), choice, 'references non-existent secret key');
}

function downwardPayload(task: VolumeTask, items: readonly DownwardItem[], defaultMode: number): Payload {
  return new Map(items.map((item) => [item.path, { data: downwardData(task, item), mode: item.mode ?? defaultMode }]));
}

function downwardData({ pod, place }: VolumeTask, item: DownwardItem): Uint8Array {
  if (item.fieldRef !== undefined) return Buffer.from(fieldValue(pod, item.fieldRef.fieldPath, place) ?? '');
  const { containerName, resource = '', divisor } = item.resourceFieldRef ?? {};
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const container = containers.find(({ name }) => name === containerName);
  if (container === undefined) throw new Error(`container ${containerName ?? ''} not found`);
  return Buffer.from(resourceValue(container, resource, divisor, place) ?? '');
}

async function project(task: VolumeTask, source: Projection, defaultMode: number): Promise<Content> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap !== undefined) {
    const { name = '', items, optional = false } = configMap;
    return { payload: await configMapPayload(task, name, { items, optional, defaultMode }) };
  }
  if (secret !== undefined) {
    const { name = '', items, optional = false } = secret;
    return { payload: await secretPayload(task, name, { items, optional, defaultMode }) };
  }
  if (downwardAPI !== undefined) return { payload: downwardPayload(task, downwardAPI.items ?? [], defaultMode) };
  if (serviceAccountToken !== undefined) return tokenContent(task, serviceAccountToken, defaultMode);
  throw new Error(`projected source ${Object.keys(source).join(', ')} is not supported`);
}

async function tokenContent(
  task: VolumeTask,
  source: Wire<models.V1ServiceAccountTokenProjection>,
  defaultMode: number,
): Promise<Content> {
  const { path, audience = '', expirationSeconds = DEFAULT_TOKEN_SECONDS } = source;
  const owned = commonUser(task.pod) !== undefined || ownershipOf(task.pod).gid !== undefined;
  const mode = owned ? TOKEN_MODE_OWNED : defaultMode;
  const file = (token: string): [string, PayloadFile] => [path, { data: Buffer.from(token), mode }];
  const serviceAccount = task.pod.spec?.serviceAccountName ?? 'default';
  try {
    const request = { pod: identityOf(task.pod), serviceAccount, audience, expirationSeconds };
    const { token, renewAt } = await task.tools.tokens.get(request, task.signal);
    return { payload: new Map([file(token)]), renewAt };
  } catch (error) {
    // Cut off from the API a pod starts with the token that it had: an old one is better than none.
    const kept = hasCode(error, 503) ? await readTextIfThere(join(task.folder, path)) : undefined;
    if (kept === undefined) throw error;
    return { payload: new Map([file(kept)]) };
  }
}
