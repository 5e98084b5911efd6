import type { ConfigMap } from '../../api/kinds.ts';
import { splitKey } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import { EventRecorder, type Executors, Informer, type KubeClient, Reconciler } from '../../client/index.ts';
import type { AttachedDevice, AttachedDevices } from '../attached-devices.ts';
import { Coalescer } from '../coalescer.ts';
import type { TwinnedDevice } from '../device-twins.ts';
import { Pace } from '../pace.ts';
import { profilePart, type ProfiledDevice, type ProfilePart } from './device-profile.ts';
import { planProfile, type ProfileAction, type ProfileState } from './plan-profile.ts';

const CONFIG_MAPS = builtIn('v1', 'configmaps');
/** Changes within this time are one. */
const GATHER_MS = 200;
/** A ConfigMap is written no more often: each write tells of all devices of the namespace. */
const WRITE_PERIOD_MS = 1_000;

export interface DeviceProfilesNeeds {
  readonly client: KubeClient;
  readonly devices: AttachedDevices;
  readonly twins: {
    get(id: string): TwinnedDevice | undefined;
    listen(events: { changed(id: string): void }): () => void;
  };
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/**
 * Hands the devices of this node to mappers of KubeEdge up to 1.14, as its device controller did: in each namespace that has
 * some, by a ConfigMap `device-profile-config-<node>`.
 */
export class DeviceProfiles implements Component {
  readonly name = 'device-profiles';
  readonly #needs: DeviceProfilesNeeds;
  readonly #configMapName: string;
  readonly #configMaps: Informer<ConfigMap>;
  readonly #profiles: Reconciler<ProfileState, ProfileAction>;
  readonly #events: EventRecorder;
  readonly #changes: Coalescer;
  readonly #written: Pace;
  /** What was made last of each device, and what of. */
  readonly #parts = new Map<string, { readonly made: string; readonly part: ProfilePart | undefined }>();
  readonly #toldBytes = new Map<string, number>();
  /** The declarations that the profiles were last looked at for: what devices report changes none. */
  readonly #declared = new Map<string, object | undefined>();
  #ends: (() => void)[] = [];

  constructor(needs: DeviceProfilesNeeds) {
    const { client, nodeName, clock, random, logger } = needs;
    this.#needs = needs;
    this.#configMapName = `device-profile-config-${nodeName}`;
    const fieldSelector = `metadata.name=${this.#configMapName}`;
    this.#configMaps = new Informer<ConfigMap>({ client, resource: CONFIG_MAPS, fieldSelector, clock, random, logger });
    this.#events = new EventRecorder({ client, clock, logger, component: 'device-controller', host: nodeName });
    this.#written = new Pace(clock, WRITE_PERIOD_MS);
    this.#profiles = new Reconciler(
      {
        name: 'device-profiles',
        read: (namespace) => this.#stateOf(namespace),
        plan: planProfile,
        executors: this.#executors(),
      },
      needs,
    );
    this.#changes = new Coalescer(clock, GATHER_MS, (namespace) => this.#profiles.enqueue(namespace));
  }

  /** Does not wait for the API: it may be away. */
  async start(): Promise<void> {
    const { devices, twins } = this.#needs;
    this.#ends = [
      devices.onAttached((id) => {
        if (devices.attachedAs(id) === undefined) this.#parts.delete(id);
        this.#changed(id);
      }),
      twins.listen({ changed: (id) => this.#twinChanged(id) }),
      this.#configMaps.onChange(({ key }) => this.#changed(key)),
    ];
    this.#configMaps.start();
    for (const { id } of devices.attached()) this.#changed(id);
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#changes.close();
    await this.#configMaps.close();
    await this.#profiles.close();
    await this.#events.close();
  }

  /** Of a device or a ConfigMap. */
  #changed(key: string): void {
    const { namespace } = splitKey(key);
    if (namespace !== undefined) this.#changes.add(namespace);
  }

  #twinChanged(id: string): void {
    const declared = this.#needs.twins.get(id)?.declared;
    if (declared === this.#declared.get(id)) return;
    if (declared === undefined) this.#declared.delete(id);
    else this.#declared.set(id, declared);
    this.#changed(id);
  }

  #stateOf(namespace: string): ProfileState {
    const { devices } = this.#needs;
    const areCurrent = devices.areCurrent && this.#configMaps.connected;
    return {
      namespace,
      name: this.#configMapName,
      devices: areCurrent ? this.#profiled(namespace) : undefined,
      configMap: this.#configMaps.objects.get(`${namespace}/${this.#configMapName}`),
      restMs: this.#written.restOf(namespace),
      toldBytes: this.#toldBytes.get(namespace),
    };
  }

  #profiled(namespace: string): ProfiledDevice[] {
    const { devices, twins } = this.#needs;
    return devices.attached().flatMap((device) => {
      if (splitKey(device.id).namespace !== namespace) return [];
      const part = this.#partOf(device);
      return part === undefined ? [] : [{ part, twinned: twins.get(device.id) }];
    });
  }

  #partOf(attached: AttachedDevice): ProfilePart | undefined {
    const { id, device, model } = attached;
    const { uid, generation, annotations } = device.metadata ?? {};
    const made = JSON.stringify([uid, generation, annotations, model?.metadata?.resourceVersion]);
    const known = this.#parts.get(id);
    if (known?.made === made) return known.part;
    const part = profilePart(attached);
    this.#parts.set(id, { made, part });
    return part;
  }

  #executors(): Executors<ProfileAction> {
    const { client, logger } = this.#needs;
    const name = this.#configMapName;
    const wrote = (namespace: string): void => {
      this.#written.written(namespace);
      this.#toldBytes.delete(namespace);
    };
    return {
      create: async ({ namespace, configMap }, signal) => {
        wrote(namespace);
        this.#configMaps.note(await client.create<ConfigMap>(CONFIG_MAPS, { namespace }, configMap, signal));
      },
      write: async ({ namespace, configMap }, signal) => {
        wrote(namespace);
        const patch = client.patch<ConfigMap>(CONFIG_MAPS, { namespace, name }, 'merge', configMap, signal);
        this.#configMaps.note(await patch);
      },
      remove: async ({ namespace }, signal) => {
        const key = `${namespace}/${name}`;
        const uid = this.#configMaps.objects.get(key)?.metadata?.uid;
        wrote(namespace);
        await client.delete(CONFIG_MAPS, { namespace, name }, signal);
        this.#configMaps.noteDeleted(key, uid);
      },
      tellTooLarge: ({ namespace, bytes, reason }) => {
        this.#toldBytes.set(namespace, bytes);
        logger.warn({ configMap: `${namespace}/${name}`, why: reason }, 'the devices do not fit into the ConfigMap');
        const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } };
        this.#events.record(configMap, 'Warning', 'ProfileTooLarge', reason);
        return Promise.resolve();
      },
    };
  }
}
