/** One subscriber that reads nothing and twenty publishers to it: what that costs a pair of clients beside them. */
import { once } from 'node:events';
import { connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { generate } from 'mqtt-packet';

const PUBLISHERS = 20;
const PUBLISHER_RATE = 50;
const PAYLOAD_BYTES = 2_000;
const PAIR_RATE = 1_000;
const SECONDS = 5;

export interface FrozenFigures {
  /** Messages a second that the pair passes: undisturbed, beside the publishers, and beside them with the frozen one. */
  readonly alone: number;
  readonly besidePublishers: number;
  readonly besideFrozen: number;
}

export async function frozenLoad(port: number): Promise<FrozenFigures> {
  const alone = await pairRate(port);
  const publishers = await Promise.all(
    Array.from({ length: PUBLISHERS }, () => connectAsync(`mqtt://127.0.0.1:${port}`)),
  );
  const payload = Buffer.alloc(PAYLOAD_BYTES, 'x');
  const timer = setInterval(() => {
    for (const publisher of publishers) publisher.publish('frozen/hot', payload);
  }, 1_000 / PUBLISHER_RATE);
  try {
    const besidePublishers = await pairRate(port);
    const frozen = tcpConnect(port, '127.0.0.1');
    await once(frozen, 'connect');
    frozen.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: 'frozen',
        clean: true,
        keepalive: 0,
      }),
    );
    await once(frozen, 'data');
    frozen.pause();
    frozen.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'frozen/#', qos: 0 }] } as never));
    // Time for what waits for it to fill all buffers.
    await sleep(5_000);
    const besideFrozen = await pairRate(port);
    frozen.destroy();
    return { alone, besidePublishers, besideFrozen };
  } finally {
    clearInterval(timer);
    await Promise.all(publishers.map((publisher) => publisher.endAsync(true)));
  }
}

async function pairRate(port: number): Promise<number> {
  const [sender, receiver] = await Promise.all([
    connectAsync(`mqtt://127.0.0.1:${port}`),
    connectAsync(`mqtt://127.0.0.1:${port}`),
  ]);
  await receiver.subscribeAsync('pair', { qos: 1 });
  let received = 0;
  receiver.on('message', () => {
    received += 1;
  });
  const began = performance.now();
  for (let sent = 0; sent < PAIR_RATE * SECONDS; ) {
    const due = Math.min(PAIR_RATE * SECONDS, Math.floor(((performance.now() - began) / 1_000) * PAIR_RATE));
    for (; sent < due; sent += 1) sender.publish('pair', 'x', { qos: 1 });
    await sleep(1);
  }
  const rate = received / ((performance.now() - began) / 1_000);
  await Promise.all([sender.endAsync(true), receiver.endAsync(true)]);
  return Math.round(rate);
}
