import { join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = new URL('broker-child.ts', import.meta.url).pathname;
/** Inside the project, so that packages are found from there. */
const FOLDER = new URL('../../dist/test', import.meta.url).pathname;

/** For `NODE_COMPILE_CACHE`. */
export const COMPILE_CACHE = join(FOLDER, 'compiled');

/** `broker-child.ts` as one file, which Node loads in a fraction of the time and as the release would. */
export async function bundledBroker(): Promise<string> {
  const outfile = join(FOLDER, 'broker-child.mjs');
  await build({
    entryPoints: [SOURCE],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}
