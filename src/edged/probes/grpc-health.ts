/** One call of `grpc.health.v1.Health/Check` over cleartext HTTP/2: two fields, so no library. */
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Answer } from './answer.ts';

const FRAME_HEADER_BYTES = 5;
/** `HealthCheckResponse.ServingStatus` */
const SERVING = 1;
const STATUS_NAMES: Readonly<Record<number, string>> = {
  0: 'UNKNOWN',
  1: 'SERVING',
  2: 'NOT_SERVING',
  3: 'SERVICE_UNKNOWN',
};

export async function grpcHealth(host: string, port: number, service: string, signal: AbortSignal): Promise<Answer> {
  const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const stop = () => session.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await check(session, service, signal);
  } finally {
    signal.removeEventListener('abort', stop);
    session.destroy();
  }
}

function check(session: ClientHttp2Session, service: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.once('error', reject);
    session.once('close', () => reject(signal.aborted ? (signal.reason as Error) : new Error('connection closed')));
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const body: Buffer[] = [];
    let failure: string | undefined;
    const note = (headers: IncomingHttpHeaders) => {
      const status = headers['grpc-status'];
      if (status !== undefined && status !== '0')
        failure = `rpc failed with status ${text(status)}: ${text(headers['grpc-message'])}`;
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('data', (chunk: Buffer) => body.push(chunk));
    stream.on('error', reject);
    stream.on('end', () =>
      resolve(failure === undefined ? verdict(Buffer.concat(body)) : { ok: false, output: failure }),
    );
    stream.end(requestFrame(service));
  });
}

/** Field 1, a string, in a frame of its own. */
function requestFrame(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Field 1, a number below 128. */
function verdict(frame: Buffer): Answer {
  const status = frame[FRAME_HEADER_BYTES] === 0x08 ? (frame[FRAME_HEADER_BYTES + 1] ?? 0) : 0;
  return { ok: status === SERVING, output: `service unhealthy (responded with "${STATUS_NAMES[status] ?? status}")` };
}

function text(header: string | string[] | undefined): string {
  return [header ?? ''].flat().join(', ');
}
