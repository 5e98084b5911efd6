import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as tcpConnect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { type BrokerLimits, MqttBroker, type MqttBrokerOptions } from '../../src/mqtt/index.ts';

export interface BrokerParts extends Pick<MqttBrokerOptions, 'authenticator' | 'authorizer' | 'openFile'> {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** For its file; absent: one of its own. */
  readonly folder?: string;
}

/** A broker on a free port; `restart` opens the same file again. */
export async function testBroker(
  limits: Partial<BrokerLimits> = {},
  maxQueuedPerClient = 1_000,
  more: BrokerParts = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'mqtt-'));
  const clients: MqttClient[] = [];
  const open = async () => {
    const options = {
      urls: ['tcp://127.0.0.1:0'],
      file: join(more.folder ?? folder, 'mqtt.db'),
      maxQueuedPerClient,
      qos: 1 as const,
      limits,
    };
    const { clock = systemClock, logger = silentLogger, ...rest } = more;
    const broker = new MqttBroker({ ...options, ...rest }, clock, logger);
    await broker.start();
    return broker;
  };
  const site = {
    folder,
    broker: await open(),
    restart: async () => {
      await site.broker.close();
      site.broker = await open();
    },
    connect: async (options: IClientOptions = {}) => {
      const url = `mqtt://127.0.0.1:${site.broker.port}`;
      const client = connect(url, { reconnectPeriod: 0, ...options });
      clients.push(client);
      // What a session has waiting comes together with CONNACK.
      inbox(client);
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve());
        client.once('error', reject);
      });
      client.on('error', () => undefined);
      return client;
    },
    raw: async (): Promise<Socket> => {
      const socket = tcpConnect(site.broker.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.endAsync(true)));
      await site.broker.close();
      rmSync(folder, { recursive: true });
    },
  };
  return site;
}

export interface Received {
  readonly topic: string;
  readonly text: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
}

const inboxes = new WeakMap<MqttClient, Inbox>();

export interface Inbox {
  readonly messages: Received[];
  /** Resolves when there are so many. */
  take(count: number): Promise<Received[]>;
}

/** The messages of a client since it was first asked for, to be awaited one by one. */
export function inbox(client: MqttClient): Inbox {
  const known = inboxes.get(client) ?? newInbox(client);
  inboxes.set(client, known);
  return known;
}

function newInbox(client: MqttClient): Inbox {
  const messages: Received[] = [];
  let wake: () => void = () => undefined;
  client.on('message', (topic, payload, { qos, retain, dup }) => {
    messages.push({ topic, text: payload.toString(), qos, retain, dup });
    wake();
  });
  return {
    messages,
    take: async (count: number): Promise<Received[]> => {
      while (messages.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return messages.splice(0, count);
    },
  };
}

/** All that the broker says until it ends the connection. */
export async function untilClosed(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

export function connectPacket(
  options: { level?: number; name?: string; clientId?: string; clean?: boolean; keepAlive?: number } = {},
): Buffer {
  const { level = 4, name = 'MQTT', clientId = 'raw', clean = true, keepAlive = 60 } = options;
  const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const properties = level === 5 ? Buffer.from([0]) : Buffer.alloc(0);
  const flags = Buffer.from([level, clean ? 2 : 0, 0, keepAlive]);
  const body = Buffer.concat([text(name), flags, properties, text(clientId)]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}
