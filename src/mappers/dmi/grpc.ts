/** The one door to gRPC. The library costs memory, so it is loaded by who needs it. */
import type { Client, sendUnaryData, ServiceDefinition, ServerUnaryCall } from '@grpc/grpc-js';
import { DmiRefusal } from './dmi-ports.ts';
import { listenUnix } from './unix-listener.ts';
import { dmiSchema, type ManagerMethod, type MapperMethod, PACKAGE } from './dmi-schema.ts';

/** The limit of mappers that are built with Go's gRPC. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_CALLS_PER_CONNECTION = 100;
const CALL_TIMEOUT_MS = 10_000;
/** A mapper that was restarted is found again within this time. */
const MAX_RECONNECT_MS = 5_000;

/** The mapper is not there, or too slow: it was not asked in vain for what it refuses. */
export class MapperAway extends Error {
  override readonly name = 'MapperAway';
}

export type ManagerHandlers = Readonly<Record<ManagerMethod, (request: never) => Promise<object>>>;

export interface DmiServerSocket {
  close(): Promise<void>;
}

/** A mapper as the site calls it. */
export interface MapperClient {
  /** Rejects where the mapper is not there, refuses, or does not answer in time. */
  call(method: MapperMethod, request: object): Promise<void>;
  close(): void;
}

export interface DmiGrpc {
  /** `onError` hears of what is a failure of the site and no mistake of the mapper. */
  listen(path: string, handlers: ManagerHandlers, onError: (error: unknown) => void): Promise<DmiServerSocket>;
  connect(path: string): MapperClient;
}

export async function loadGrpc(): Promise<DmiGrpc> {
  const [grpc, { fromJSON }] = await Promise.all([import('@grpc/grpc-js'), import('@grpc/proto-loader')]);
  // With defaults a field that was not sent reads as in every other language.
  // The library's type of its JSON has no index of types and services together, though that is what it reads.
  const schema = dmiSchema() as Parameters<typeof fromJSON>[0];
  const definitions = fromJSON(schema, { keepCase: true, longs: Number, defaults: true });
  // The names are those of `dmiSchema`; the loader's types cannot know that these two are services.
  const service = (name: string) => definitions[`${PACKAGE}.${name}`] as ServiceDefinition;
  const limits = {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MAX_CALLS_PER_CONNECTION,
    'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
  };
  const away: readonly number[] = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED];
  const codes = {
    invalid: grpc.status.INVALID_ARGUMENT,
    'not-found': grpc.status.NOT_FOUND,
    exhausted: grpc.status.RESOURCE_EXHAUSTED,
  };
  const answered =
    (handle: (request: never) => Promise<object>, onError: (error: unknown) => void) =>
    (call: ServerUnaryCall<unknown, object>, answer: sendUnaryData<object>): void => {
      handle(call.request as never).then(
        (response) => answer(null, response),
        (error: unknown) => {
          if (error instanceof DmiRefusal) return answer({ code: codes[error.code], details: error.message });
          onError(error);
          answer({ code: grpc.status.INTERNAL, details: 'the site could not do it; its log says why' });
        },
      );
    };
  return {
    async listen(path, handlers, onError) {
      const server = new grpc.Server(limits);
      const methods = Object.entries(handlers).map(([name, handle]) => [name, answered(handle, onError)]);
      server.addService(service('DeviceManagerService'), Object.fromEntries(methods));
      const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
      const socket = await listenUnix(path, (connection) => injector.injectConnection(connection));
      return {
        close: async () => {
          injector.destroy();
          server.forceShutdown();
          await socket.close();
        },
      };
    },
    connect(path) {
      const credentials = grpc.credentials.createInsecure();
      const client = new grpc.Client(`unix:${path}`, credentials, limits);
      return {
        call: (method, request) => called(client, service('DeviceMapperService'), method, request, away),
        close: () => client.close(),
      };
    },
  };
}

function called(
  client: Client,
  service: ServiceDefinition,
  method: MapperMethod,
  request: object,
  away: readonly number[],
): Promise<void> {
  const definition = service[method];
  if (definition === undefined) return Promise.reject(new TypeError(`no method ${method}`));
  const { path, requestSerialize, responseDeserialize } = definition;
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + CALL_TIMEOUT_MS;
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, (error) => {
      if (error === null) resolve();
      else reject(away.includes(error.code) ? new MapperAway(error.details, { cause: error }) : error);
    });
  });
}
