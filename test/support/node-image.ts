/** An image with Node and one program in it, made of what is on this machine: no registry is asked. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { pack } from 'tar-stream';
import { dockerAt } from '../../src/edged/docker/docker-client.ts';

/** The image runs the program, a TypeScript file, bundled with all that it imports. */
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
  const tar = pack();
  for (const library of librariesOf(process.execPath)) {
    tar.entry({ name: library.slice(1), mode: 0o755 }, await readFile(library));
  }
  tar.entry({ name: 'bin/node', mode: 0o755 }, await readFile(process.execPath));
  tar.entry({ name: 'app.mjs' }, Buffer.from(bundle.outputFiles[0]?.contents ?? []));
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  tar.finalize();
  const [repo = '', version = 'latest'] = tag.split(':');
  const changes = 'CMD ["/bin/node", "/app.mjs"]';
  const progress = await dockerAt('unix:///var/run/docker.sock').importImage(Readable.from(tar), {
    repo,
    tag: version,
    changes,
  });
  await text(progress as Readable);
}

function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}
