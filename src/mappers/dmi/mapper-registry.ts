import { PRIVATE_MODE, readTextIfThere, writeFileAtomic } from '../../base/files.ts';
import { DmiRefusal } from './dmi-ports.ts';
import type { DmiGrpc, MapperClient } from './grpc.ts';
import type { Told } from './plan-mapper.ts';

const MAX_MAPPERS = 64;

export interface MapperInfo {
  readonly name: string;
  readonly protocol: string;
  /** Path of the unix socket on which the mapper listens. */
  readonly address: string;
}

export interface Mapper extends MapperInfo, Told {
  readonly client: MapperClient;
  /** Since when it does not answer, in milliseconds. */
  awaySince?: number | undefined;
}

/** The mappers that have registered, one for each protocol: the one that came last, as in KubeEdge. Kept over restarts. */
export class MapperRegistry {
  readonly #file: string;
  readonly #connect: DmiGrpc['connect'];
  readonly #mappers = new Map<string, Mapper>();
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string, connect: DmiGrpc['connect']) {
    this.#file = file;
    this.#connect = connect;
  }

  async restore(): Promise<void> {
    const text = await readTextIfThere(this.#file);
    // Written by `save` alone, and as a whole.
    for (const info of text === undefined ? [] : (JSON.parse(text) as MapperInfo[])) this.#put(info, true);
  }

  of(protocol: string): Mapper | undefined {
    return this.#mappers.get(protocol);
  }

  all(): Mapper[] {
    return [...this.#mappers.values()];
  }

  /** To be saved. Throws DmiRefusal where there are too many. */
  add(info: MapperInfo): Mapper {
    if (!this.#mappers.has(info.protocol) && this.#mappers.size >= MAX_MAPPERS) {
      throw new DmiRefusal('exhausted', `the site takes at most ${MAX_MAPPERS} mappers`);
    }
    return this.#put(info, false);
  }

  async forget(mapper: Mapper): Promise<void> {
    if (this.#mappers.get(mapper.protocol) !== mapper) return;
    this.#mappers.delete(mapper.protocol);
    mapper.client.close();
    await this.save();
  }

  async close(): Promise<void> {
    for (const { client } of this.#mappers.values()) client.close();
    this.#mappers.clear();
    await this.#saving;
  }

  #put({ name, protocol, address }: MapperInfo, restored: boolean): Mapper {
    this.#mappers.get(protocol)?.client.close();
    const client = this.#connect(address);
    const mapper: Mapper = { name, protocol, address, client, restored, devices: new Map(), models: new Map() };
    this.#mappers.set(protocol, mapper);
    return mapper;
  }

  /** Resolves when it is durable. One after the other: the last one written is the newest. */
  save(): Promise<void> {
    const infos = this.all().map(({ name, protocol, address }) => ({ name, protocol, address }));
    const write = (): Promise<void> => writeFileAtomic(this.#file, JSON.stringify(infos), PRIVATE_MODE);
    const saved = this.#saving.then(write);
    this.#saving = saved.catch(() => undefined); // told to who registers
    return saved;
  }
}
