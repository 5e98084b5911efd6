import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { PUBLIC_MODE, writeFileAtomic } from '../../src/base/files.ts';

const SOURCE = new URL('broker-child.ts', import.meta.url).pathname;
/** Inside the project, so that packages are found from there. */
const FOLDER = new URL('../../dist/test', import.meta.url).pathname;

/** For `NODE_COMPILE_CACHE`. */
export const COMPILE_CACHE = join(FOLDER, 'compiled');

/** `broker-child.ts` as one file, which Node loads in a fraction of the time and as the release would. */
export async function bundledBroker(): Promise<string> {
  const outfile = join(FOLDER, 'broker-child.mjs');
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  // Test files that run side by side make the same one: neither may find a part of the other's.
  await mkdir(FOLDER, { recursive: true });
  for (const { contents } of outputFiles) await writeFileAtomic(outfile, contents, PUBLIC_MODE);
  return outfile;
}
