import { once } from 'node:events';
import type { Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

/** A packet as it came, its members in an object of their own. */
export interface ReceivedPacket {
  readonly cmd: string;
  readonly topic?: string;
  readonly payload?: Buffer;
  readonly messageId?: number;
  readonly reasonCode?: number;
  readonly returnCode?: number;
  readonly granted?: readonly number[];
  readonly dup?: boolean;
  readonly properties?: object;
}

/** A client that sends exactly the packets that a test gives it, and answers nothing by itself. */
export class PacketClient {
  readonly socket: Socket;
  readonly #protocolVersion: 4 | 5;
  readonly #packets: ReceivedPacket[] = [];
  #more = Promise.withResolvers<void>();
  #ended = false;

  constructor(socket: Socket, protocolVersion: 4 | 5) {
    this.socket = socket;
    this.#protocolVersion = protocolVersion;
    const reader = parser({ protocolVersion });
    reader.on('packet', (packet: Packet) => {
      this.#packets.push({ ...packet } as ReceivedPacket);
      this.#wake();
    });
    socket.on('data', (chunk: Buffer) => reader.parse(chunk));
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  send(packet: object): void {
    this.socket.write(generate(packet as Packet, { protocolVersion: this.#protocolVersion }));
  }

  /** CONNECT; resolves to CONNACK. */
  connect(fields: object = {}): Promise<ReceivedPacket> {
    const protocolVersion = this.#protocolVersion;
    const base = { cmd: 'connect', protocolId: 'MQTT', protocolVersion, clean: true, clientId: 'raw', keepalive: 60 };
    this.send({ ...base, ...fields });
    return this.next();
  }

  publish(topic: string, fields: object = {}): void {
    this.send({ cmd: 'publish', topic, payload: 'x', qos: 0, dup: false, retain: false, ...fields });
  }

  /** SUBSCRIBE; resolves to SUBACK. */
  subscribe(topic: string, qos: 0 | 1 | 2 = 1): Promise<ReceivedPacket> {
    this.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
    return this.next();
  }

  acknowledge(cmd: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', messageId: number | undefined): void {
    this.send({ cmd, messageId, reasonCode: 0 });
  }

  /** The next packet; rejects where the connection ends before. */
  async next(): Promise<ReceivedPacket> {
    for (;;) {
      const packet = this.#packets.shift();
      if (packet !== undefined) return packet;
      if (this.#ended) throw new Error('the broker has ended the connection');
      await this.#more.promise;
    }
  }

  /** All that came before the broker answered this: nothing else is on its way. */
  async soFar(): Promise<ReceivedPacket[]> {
    this.send({ cmd: 'pingreq' });
    const packets: ReceivedPacket[] = [];
    for (let packet = await this.next(); packet.cmd !== 'pingresp'; packet = await this.next()) packets.push(packet);
    return packets;
  }

  /** What the broker says until it ends the connection. */
  async untilClosed(): Promise<ReceivedPacket[]> {
    if (!this.#ended) await once(this.socket, 'close');
    return this.#packets.splice(0);
  }

  #wake(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}
