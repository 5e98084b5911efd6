/** The ways to ask a container something: a command, an HTTP request, a connection, gRPC's health service. */
import type * as models from '@kubernetes/client-node';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';
import type { Container, Wire } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import { type ContainerRuntime, isRuntimeError } from '../runtime.ts';
import type { Answer } from './answer.ts';
import { grpcHealth } from './grpc-health.ts';

/** Where the container is. */
export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

export interface Handler {
  readonly exec?: Wire<models.V1ExecAction>;
  readonly httpGet?: Wire<models.V1HTTPGetAction>;
  readonly tcpSocket?: Wire<models.V1TCPSocketAction>;
  readonly grpc?: Wire<models.V1GRPCAction>;
}

const MAX_OUTPUT_BYTES = 10 * 1024;
const USER_AGENT = 'kube-probe/1.36';

/** Never rejects for what the container does; only when `signal` is aborted. */
export async function ask(
  handler: Handler,
  target: ProbeTarget,
  timeoutMs: number,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<Answer> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    if (handler.exec !== undefined) return await askCommand(handler.exec, target, timeoutMs, runtime, signal);
    if (handler.httpGet !== undefined) return await askHttp(handler.httpGet, target, deadline);
    if (handler.tcpSocket !== undefined) return await askTcp(handler.tcpSocket, target, deadline);
    if (handler.grpc !== undefined) {
      return await grpcHealth(target.podIp, handler.grpc.port, handler.grpc.service ?? '', deadline);
    }
    return { ok: true, output: '' };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, output: deadline.aborted ? `no answer within ${timeoutMs / 1000}s` : messageOf(error) };
  }
}

async function askCommand(
  { command = [] }: Wire<models.V1ExecAction>,
  { containerId }: ProbeTarget,
  timeoutMs: number,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const { exitCode, output } = await runtime.exec(containerId, command, timeoutMs, signal);
    return { ok: exitCode === 0, output };
  } catch (error) {
    if (!isRuntimeError(error, 'DeadlineExceeded')) throw error;
    return { ok: false, output: `command timed out: ${messageOf(error)}` };
  }
}

function askHttp(action: Wire<models.V1HTTPGetAction>, target: ProbeTarget, signal: AbortSignal): Promise<Answer> {
  const { path = '/', scheme = 'HTTP', httpHeaders = [] } = action;
  const host = action.host ?? target.podIp;
  const port = portNumber(action.port, target.container);
  const given = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  const headers = { 'user-agent': USER_AGENT, accept: '*/*', connection: 'close', ...given };
  const request = scheme === 'HTTPS' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, path: path.startsWith('/') ? path : `/${path}`, headers, rejectUnauthorized: false, signal },
      (answer) => {
        const code = answer.statusCode ?? 0;
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          if (body.length < MAX_OUTPUT_BYTES) body += chunk;
        });
        answer.on('error', reject);
        answer.on('end', () => {
          const ok = code >= 200 && code < 400;
          resolve({ ok, output: ok ? body : `HTTP probe failed with statuscode: ${code}` });
        });
      },
    );
    sent.on('error', (error) =>
      reject(new Error(`Get "${scheme.toLowerCase()}://${host}:${port}${path}": ${error.message}`)),
    );
    sent.end();
  });
}

function askTcp(action: Wire<models.V1TCPSocketAction>, target: ProbeTarget, signal: AbortSignal): Promise<Answer> {
  const host = action.host ?? target.podIp;
  const port = portNumber(action.port, target.container);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ ok: true, output: '' });
    });
    socket.once('error', (error) => reject(new Error(`dial tcp ${host}:${port}: ${error.message}`)));
  });
}

/** A number, or the name of one of the container's ports. */
export function portNumber(port: string | number | object, container: Container): number {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  const named = container.ports?.find(({ name }) => name === port);
  if (named === undefined) throw new Error(`couldn't find port: ${JSON.stringify(port)}`);
  return named.containerPort;
}
