/** exec, attach and port-forward of the kubelet server: from a request to a session. */
import type { Pod } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { badRequest } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { HttpRequest, RawUpgrade } from '../../http/index.ts';
import {
  type Forwarder,
  serveSpdyForward,
  serveTunnelledForward,
  SPDY_FORWARD_PROTOCOL,
  TUNNEL_FORWARD_PROTOCOL,
} from '../streaming/port-forward.ts';
import type { Outcome, ProcessSession, StreamChoice } from '../streaming/process-session.ts';
import { acceptSpdyProcess, SPDY_PROCESS_PROTOCOLS } from '../streaming/spdy-process.ts';
import { negotiate, switchToSpdy, switchToWebSocket, upgradeKind } from '../streaming/upgrade.ts';
import { serveChannelForward, WEB_SOCKET_FORWARD_PROTOCOLS } from '../streaming/web-socket-forward.ts';
import { acceptWebSocketProcess, WEB_SOCKET_PROCESS_PROTOCOLS } from '../streaming/web-socket-process.ts';
import { runningContainerId } from './container-lookup.ts';
import type { ContainerStreams } from './ports.ts';

export interface ProcessTarget {
  readonly pod: Pod;
  readonly container: string;
  readonly query: URLSearchParams;
}

/** Runs one process for the client to its end. Throws a StatusError before anything has been answered, never after. */
export async function serveExec(
  target: ProcessTarget,
  request: HttpRequest,
  raw: RawUpgrade,
  runtime: ContainerStreams,
  logger: Logger,
): Promise<void> {
  const id = runningContainerId(target.pod, target.container);
  const command = target.query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least one command for the container');
  await serveProcess(target, request, raw, logger, async ({ streams, signal }) => ({
    exitCode: await runtime.exec(id, command, streams, signal),
  }));
}

export async function serveAttach(
  target: ProcessTarget,
  request: HttpRequest,
  raw: RawUpgrade,
  runtime: ContainerStreams,
  logger: Logger,
): Promise<void> {
  const id = runningContainerId(target.pod, target.container);
  await serveProcess(target, request, raw, logger, async ({ streams, signal }) => {
    await runtime.attach(id, streams, signal);
    return { exitCode: 0 };
  });
}

export async function servePortForward(
  pod: Pod,
  query: URLSearchParams,
  request: HttpRequest,
  raw: RawUpgrade,
  runtime: ContainerStreams,
): Promise<void> {
  const forwarder: Forwarder = {
    pod: objectKey(pod),
    connect: (port, signal) => runtime.connect(pod, port, signal),
  };
  if (upgradeKind(request) === 'spdy') {
    const protocol = negotiate(request, 'spdy', [SPDY_FORWARD_PROTOCOL, '']);
    return serveSpdyForward(switchToSpdy(raw, protocol), raw.head, forwarder);
  }
  const protocol = negotiate(request, 'websocket', [TUNNEL_FORWARD_PROTOCOL, ...WEB_SOCKET_FORWARD_PROTOCOLS]);
  if (protocol === TUNNEL_FORWARD_PROTOCOL) {
    return serveTunnelledForward(await switchToWebSocket(raw, protocol), forwarder);
  }
  const ports = portsOf(query);
  return serveChannelForward(await switchToWebSocket(raw, protocol), protocol, ports, forwarder);
}

async function serveProcess(
  target: ProcessTarget,
  request: HttpRequest,
  raw: RawUpgrade,
  logger: Logger,
  run: (session: ProcessSession) => Promise<Outcome>,
): Promise<void> {
  const session = await openSession(request, raw, streamChoice(target.query), logger);
  if (session === undefined) return;
  const outcome = await run(session).catch((error: unknown) => ({ error: messageOf(error) }));
  // A client that has gone hears nothing any more.
  await session.finish(outcome).catch((error: unknown) => logger.debug({ err: error }, 'the client left early'));
}

/** Undefined where the client left before it had opened its streams. */
async function openSession(
  request: HttpRequest,
  raw: RawUpgrade,
  choice: StreamChoice,
  logger: Logger,
): Promise<ProcessSession | undefined> {
  if (upgradeKind(request) === 'websocket') {
    const protocol = negotiate(request, 'websocket', WEB_SOCKET_PROCESS_PROTOCOLS);
    return acceptWebSocketProcess(await switchToWebSocket(raw, protocol), protocol, choice);
  }
  const named = request.headers['x-stream-protocol-version'] !== undefined;
  const protocol = named ? negotiate(request, 'spdy', SPDY_PROCESS_PROTOCOLS) : 'channel.k8s.io';
  const socket = switchToSpdy(raw, named ? protocol : '');
  try {
    return await acceptSpdyProcess(socket, raw.head, protocol, choice);
  } catch (error) {
    logger.debug({ err: error }, 'the client left before its streams were open');
    return undefined;
  }
}

/** kubelet's own names of the parameters. A terminal has one output only. */
function streamChoice(query: URLSearchParams): StreamChoice {
  const on = (name: string): boolean => query.get(name) === '1' || query.get(name) === 'true';
  const choice = { stdin: on('input'), stdout: on('output'), stderr: on('error'), tty: on('tty') };
  if (!choice.stdin && !choice.stdout && !choice.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  }
  return choice.tty ? { ...choice, stderr: false } : choice;
}

function portsOf(query: URLSearchParams): number[] {
  const texts = [...query.getAll('port'), ...query.getAll('ports')].flatMap((text) => text.split(','));
  if (texts.length === 0) throw badRequest('query parameter "port" is required');
  return texts.map((text) => {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest(`invalid port ${JSON.stringify(text)}`);
    return port;
  });
}
