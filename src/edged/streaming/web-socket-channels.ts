/** Several streams over one WebSocket: a channel number before each message (`k8s.io/streaming` wsstream). */
import { Readable, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

const MAX_MESSAGE_BYTES = 32 * 1024;
/** v5: the other side will send no more on the channel that the next byte names. */
const CLOSE_CHANNEL = 255;
const NORMAL_CLOSURE = 1000;

interface ChannelCodec {
  encode(channel: number, payload: Buffer): Buffer | string;
  decode(message: Buffer): { channel: number; payload: Buffer };
}

const binary: ChannelCodec = {
  encode: (channel, payload) => Buffer.concat([Buffer.from([channel]), payload]),
  decode: (message) => ({ channel: message[0] ?? CLOSE_CHANNEL, payload: message.subarray(1) }),
};

/** The channel is a digit, the rest base64, so that both fit into text. */
const base64: ChannelCodec = {
  encode: (channel, payload) => `${channel}${payload.toString('base64')}`,
  decode: (message) => ({
    channel: (message[0] ?? 0) - '0'.charCodeAt(0),
    payload: Buffer.from(message.toString('latin1', 1), 'base64'),
  }),
};

/** While the reader of one channel is slow, none is read: that bounds what is held. */
export class WebSocketChannels {
  readonly #socket: WebSocket;
  readonly #codec: ChannelCodec;
  readonly #readers = new Map<number, Readable>();
  readonly #gone = new AbortController();

  constructor(socket: WebSocket, encoding: 'base64' | 'binary') {
    this.#socket = socket;
    this.#codec = encoding === 'base64' ? base64 : binary;
    socket.on('message', (data: RawData) => this.#receive(bytesOf(data)));
    socket.on('error', () => socket.terminate());
    socket.once('close', () => this.#end());
  }

  /** Ends with the connection. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** What the client sends on the channel; ends with the connection. Channels without a reader are dropped. */
  readable(channel: number): Readable {
    const reader = new Readable({ read: () => this.#socket.resume() });
    this.#readers.set(channel, reader);
    return reader;
  }

  /** No faster than the client reads. */
  writable(channel: number): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => this.#sendParts(channel, chunk, done),
    });
  }

  /** One message; also an empty one, which a writable would not send. */
  send(channel: number, payload: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(this.#codec.encode(channel, payload), (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.#socket.close(NORMAL_CLOSURE);
  }

  #sendParts(channel: number, chunk: Buffer, done: (error?: Error | null) => void): void {
    const rest = chunk.subarray(MAX_MESSAGE_BYTES);
    this.#socket.send(this.#codec.encode(channel, chunk.subarray(0, MAX_MESSAGE_BYTES)), (error) => {
      if (error || rest.length === 0) done(error);
      else this.#sendParts(channel, rest, done);
    });
  }

  #receive(message: Buffer): void {
    const { channel, payload } = this.#codec.decode(message);
    if (channel === CLOSE_CHANNEL) {
      this.#endReader(payload[0] ?? CLOSE_CHANNEL);
      return;
    }
    const reader = this.#readers.get(channel);
    if (reader !== undefined && !reader.push(payload)) this.#socket.pause();
  }

  #endReader(channel: number): void {
    this.#readers.get(channel)?.push(null);
    this.#readers.delete(channel);
  }

  #end(): void {
    this.#gone.abort(new Error('the client has hung up'));
    for (const channel of this.#readers.keys()) this.#endReader(channel);
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
