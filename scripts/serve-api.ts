/** Starts only the API server, on a free port and a temporary folder, and prints the path of its kubeconfig. */
import { once } from 'node:events';
import { createLogger } from '../src/base/logger.ts';
import { startApiServer } from '../test/support/api-server.ts';

const logger = createLogger({ level: 'info', format: 'text', write: (line) => process.stderr.write(line) });
const port = Number(process.argv[2] ?? 0);
const api = await startApiServer({ logger, bind: { host: '127.0.0.1', port } });
console.log(api.kubeconfig);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await api.close();
