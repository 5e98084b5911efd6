/** The sandbox image, made here so that no registry is needed: one layer with one file. */
import { createHash } from 'node:crypto';
import { pack } from 'tar-stream';
import { PAUSE_BINARIES } from './pause-binaries.ts';

export const PAUSE_IMAGE = 'edgesite/pause:1';

/** The entry point inside the image; `/pause forward PORT` joins stdin and stdout to a port of the pod. */
export const PAUSE_PROGRAM = '/pause';

/** Docker's name of an architecture. */
export type PauseArchitecture = keyof typeof PAUSE_BINARIES;

/** An archive for `docker load`. The same bytes each time, so that the image keeps its id. */
export async function pauseImageTar(architecture: PauseArchitecture): Promise<Buffer> {
  const binary = Buffer.from(PAUSE_BINARIES[architecture], 'base64');
  const layer = await tarOf([{ name: PAUSE_PROGRAM.slice(1), mode: 0o755, content: binary }]);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      created: new Date(0).toISOString(),
      config: { Entrypoint: [PAUSE_PROGRAM] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    }),
  );
  const configName = `${sha256(config)}.json`;
  const manifest = [{ Config: configName, RepoTags: [PAUSE_IMAGE], Layers: ['layer.tar'] }];
  return tarOf([
    { name: configName, mode: 0o644, content: config },
    { name: 'layer.tar', mode: 0o644, content: layer },
    { name: 'manifest.json', mode: 0o644, content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

interface TarEntry {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, mode, content } of entries) tar.entry({ name, mode, mtime: new Date(0) }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
