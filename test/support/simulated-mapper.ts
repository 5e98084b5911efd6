/** A mapper of KubeEdge: registers at the DMI socket of a site, serves its own, and notes what it is told. */
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Any {
  readonly type_url: string;
  readonly value: Buffer;
}

export interface ToldDevice {
  readonly name: string;
  readonly namespace: string;
  readonly spec: {
    readonly protocol: { readonly configData: { readonly data: Record<string, Any> } };
    readonly properties: { readonly name: string; readonly desired: { readonly value: string } | null }[];
  };
}

export interface Registered {
  readonly deviceList: ToldDevice[];
  readonly modelList: { readonly name: string; readonly namespace: string }[];
}

/** Method and request, as they came. */
export type Call = readonly [
  method: string,
  request: { readonly device?: ToldDevice; readonly deviceName?: string; readonly modelName?: string },
];

const PROTO = join(import.meta.dirname, '../integration/mappers/dmi.proto');
const api = grpc.loadPackageDefinition(loadSync(PROTO, { keepCase: true, defaults: true, longs: Number }));
const { DeviceManagerService: Manager, DeviceMapperService: MapperService } = api['v1beta1'] as unknown as Record<
  'DeviceManagerService' | 'DeviceMapperService',
  grpc.ServiceClientConstructor
>;

export class SimulatedMapper {
  readonly calls: Call[] = [];
  readonly #socket: string;
  readonly #manager: grpc.Client;
  #server: grpc.Server | undefined;
  #called = Promise.withResolvers<void>();

  constructor(site: string, socket: string) {
    this.#socket = socket;
    this.#manager = new Manager(`unix:${site}`, grpc.credentials.createInsecure());
  }

  async serve(): Promise<void> {
    const server = new grpc.Server();
    const methods = Object.keys(MapperService.service).map((name) => {
      const handle: grpc.handleUnaryCall<Call[1], object> = ({ request }, answer) => {
        this.calls.push([name, request]);
        this.#called.resolve();
        this.#called = Promise.withResolvers();
        answer(null, {});
      };
      return [name, handle];
    });
    server.addService(MapperService.service, Object.fromEntries(methods) as grpc.UntypedServiceImplementation);
    await new Promise<void>((resolve, reject) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      server.bindAsync(`unix:${this.#socket}`, credentials, (error) => (error === null ? resolve() : reject(error)));
    });
    this.#server = server;
  }

  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  close(): void {
    this.stop();
    this.#manager.close();
  }

  register(protocol: string, more: object = {}): Promise<Registered> {
    const mapper = { name: `${protocol}-mapper`, version: 'v1', protocol, address: Buffer.from(this.#socket), ...more };
    return this.ask('MapperRegister', { withData: true, mapper }) as Promise<Registered>;
  }

  /** Rejects with the error of gRPC. */
  ask(method: 'MapperRegister' | 'ReportDeviceStatus' | 'ReportDeviceStates', request: object): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = Manager.service[method] as grpc.MethodDefinition<
      object,
      object
    >;
    return new Promise((resolve, reject) => {
      this.#manager.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) => {
        if (error === null && response !== undefined) resolve(response);
        else reject(error ?? new Error('no answer'));
      });
    });
  }

  /** Resolves when so many calls have come since the start. */
  async untilCalled(times: number): Promise<readonly Call[]> {
    while (this.calls.length < times) await this.#called.promise;
    return this.calls;
  }
}
