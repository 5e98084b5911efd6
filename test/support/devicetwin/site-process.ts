/** A broker and a device twin in a process of their own, to be killed. Arguments: folder. Prints the port. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { DeviceTwin } from '../../../src/devicetwin/index.ts';
import { MqttBroker } from '../../../src/mqtt/index.ts';

const folder = process.argv[2] ?? '';
const options = {
  urls: ['tcp://127.0.0.1:0'],
  file: join(folder, 'mqtt.db'),
  maxQueuedPerClient: 100_000,
  qos: 0 as const,
};
const broker = new MqttBroker(options, systemClock, silentLogger);
const twin = new DeviceTwin(
  {
    file: join(folder, 'twin.db'),
    nodeName: 'edge-node',
    registerUnknown: true,
    history: { maxValues: 10, maxAgeMs: 60_000 },
  },
  { bus: broker, clock: systemClock, newId: randomUUID, logger: silentLogger },
);
await broker.start();
await twin.start();
process.stdout.write(`${broker.port}\n`);
