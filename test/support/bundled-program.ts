import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { PUBLIC_MODE, writeFileAtomic } from '../../src/base/files.ts';

/** Inside the project, so that packages are found from there. */
const FOLDER = new URL('../../dist/test', import.meta.url).pathname;

/** For `NODE_COMPILE_CACHE`. */
export const COMPILE_CACHE = join(FOLDER, 'compiled');

/** The program as one file, which Node loads in a fraction of the time and as the release would. */
export async function bundledProgram(source: string): Promise<string> {
  const outfile = join(FOLDER, `${basename(source, '.ts')}.mjs`);
  const { outputFiles } = await build({
    entryPoints: [source],
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

/** Broker and device twins alone. */
export function bundledBroker(): Promise<string> {
  return bundledProgram(new URL('broker-child.ts', import.meta.url).pathname);
}
