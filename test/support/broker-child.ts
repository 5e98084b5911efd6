/**
 * A process with broker and device twins alone, to be killed: `broker-child.ts FOLDER PORT`. It loads, says `warm`, and
 * starts at the first byte on its input; then it says `ready`.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { DeviceTwin } from '../../src/devicetwin/index.ts';
import { MqttBroker } from '../../src/mqtt/index.ts';

const [folder = '.', port = '0'] = process.argv.slice(2);
const options = { urls: [`tcp://127.0.0.1:${port}`], file: join(folder, 'mqtt.db'), maxQueuedPerClient: 100_000 };
const broker = new MqttBroker({ ...options, qos: 0 }, systemClock, silentLogger);
const twins = new DeviceTwin(
  { file: join(folder, 'twins.db'), nodeName: 'edge', registerUnknown: true, history: { maxValues: 0, maxAgeMs: 0 } },
  { bus: broker, clock: systemClock, newId: randomUUID, logger: silentLogger },
);
process.stdout.write('warm\n');
await once(process.stdin, 'data');
// Twins first: what a client publishes at once must be heard.
await twins.start();
await broker.start();
process.stdout.write('ready\n');
// Whoever started it is gone.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));
