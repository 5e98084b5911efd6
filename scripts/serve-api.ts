/**
 * Starts only the API server and prints the path of its kubeconfig: `serve-api.ts [PORT] [FOLDER]`, by default on a free
 * port and in a temporary folder.
 */
import { once } from 'node:events';
import { createLogger } from '../src/base/logger.ts';
import { startApiServer } from '../test/support/api-server.ts';

const logger = createLogger({ level: 'info', format: 'text', write: (line) => process.stderr.write(line) });
const port = Number(process.argv[2] ?? 0);
const api = await startApiServer({ logger, bind: { host: '127.0.0.1', port } }, process.argv[3]);
console.log(api.kubeconfig);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await api.close();
