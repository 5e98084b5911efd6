/** An image of busybox, made on this machine: no registry is asked. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { pack } from 'tar-stream';
import { librariesOf } from './program-image.ts';

const APPLETS =
  'sh sleep cat echo true false ls env id nc wget httpd kill printenv test touch rm stat date hostname tar'.split(' ');

/** `further` programs of this machine, such as `/usr/bin/curl`, come with the libraries that they need. */
export async function makeBusyboxImage(docker: Docker, tag: string, further: readonly string[] = []): Promise<void> {
  const tar = pack();
  for (const file of new Set(further.flatMap((program) => [program, ...librariesOf(program)]))) {
    tar.entry({ name: file.slice(1), mode: 0o755 }, await readFile(file));
  }
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile('/bin/busybox'));
  for (const applet of APPLETS) tar.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  tar.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n');
  tar.finalize();
  const [repository = '', version = 'latest'] = tag.split(':');
  const progress = await docker.importImage(Readable.from(tar), { repo: repository, tag: version });
  await text(progress as Readable);
}
