import { DeliveryRefused } from '../../base/delivery.ts';
import { request } from '../../http/index.ts';
import type { HttpPush, MqttPush, PushMethod } from './push-method.ts';

const PUBLISH_TIMEOUT_MS = 10_000;
/** Of the client's errors those that pass: Request Timeout, Too Early, Too Many Requests. */
const PASSING = new Set([408, 425, 429]);

/** A broker elsewhere; connects when there is something to say. */
export interface RemoteBroker {
  /** Resolves when the broker has taken the message (QoS 1 and 2: acknowledged it). */
  publish(
    topic: string,
    payload: string,
    options: { readonly qos: 0 | 1 | 2; readonly retain: boolean },
    signal: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Sends single messages; brokers stay connected until they are released. */
export class PushSender {
  readonly #connect: (url: string) => RemoteBroker;
  readonly #brokers = new Map<string, RemoteBroker>();

  constructor(connect: (url: string) => RemoteBroker) {
    this.#connect = connect;
  }

  /** Rejects where it was not taken, with DeliveryRefused where it never will be. */
  send(method: PushMethod, text: string, signal: AbortSignal): Promise<void> {
    return method.kind === 'http' ? post(method, text, signal) : this.#publish(method, text, signal);
  }

  async release(url: string): Promise<void> {
    const broker = this.#brokers.get(url);
    this.#brokers.delete(url);
    await broker?.close();
  }

  #publish({ url, topic, qos, retain }: MqttPush, text: string, signal: AbortSignal): Promise<void> {
    const broker = this.#brokers.get(url) ?? this.#connect(url);
    this.#brokers.set(url, broker);
    return broker.publish(topic, text, { qos, retain }, within(PUBLISH_TIMEOUT_MS, signal));
  }
}

/** The address for people and metrics: without credentials and query. */
export function addressOf({ url }: PushMethod): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

async function post(method: HttpPush, body: string, signal: AbortSignal): Promise<void> {
  const url = new URL(method.url);
  const { username, password } = url;
  url.username = url.password = '';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const answer = await request(url.href, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(username === '' ? {} : { authorization: `Basic ${basic}` }),
    },
    signal: within(method.timeoutMs, signal),
  });
  answer.resume();
  const { statusCode: status = 0 } = answer;
  if (status >= 200 && status < 300) return;
  const why = `it answered ${status}`;
  throw status < 500 && !PASSING.has(status) ? new DeliveryRefused(why) : new Error(why);
}

function within(ms: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)]);
}
