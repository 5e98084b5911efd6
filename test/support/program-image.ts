/** Images with one program in them, made of what is on this machine: no registry is asked. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { pack } from 'tar-stream';
import { dockerAt } from '../../src/edged/docker/docker-client.ts';

/** Node with a TypeScript file, bundled with all that it imports. */
export async function makeNodeImage(tag: string, program: string): Promise<void> {
  const bundle = await build({
    entryPoints: [program],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const files = new Map<string, Uint8Array>();
  for (const library of librariesOf(process.execPath)) files.set(library, await readFile(library));
  files.set('/bin/node', await readFile(process.execPath));
  files.set('/app.mjs', bundle.outputFiles[0]?.contents ?? new Uint8Array());
  await importFiles(tag, files, ['/bin/node', '/app.mjs']);
}

/** A program that is linked with all that it needs. */
export async function makeProgramImage(tag: string, program: string): Promise<void> {
  await importFiles(tag, new Map([['/program', await readFile(program)]]), ['/program']);
}

async function importFiles(tag: string, files: ReadonlyMap<string, Uint8Array>, entry: string[]): Promise<void> {
  const tar = pack();
  for (const [path, content] of files) tar.entry({ name: path.slice(1), mode: 0o755 }, Buffer.from(content));
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  tar.finalize();
  const [repo = '', version = 'latest'] = tag.split(':');
  const options = { repo, tag: version, changes: `ENTRYPOINT ${JSON.stringify(entry)}` };
  const progress = await dockerAt('unix:///var/run/docker.sock').importImage(Readable.from(tar), options);
  await text(progress as Readable);
}

/** The files of the libraries that a program is linked with. */
export function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
