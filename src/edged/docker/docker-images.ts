import type Docker from 'dockerode';
import type { ImageInspectInfo } from 'dockerode';
import { statfs } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type ImageDetails, isRuntimeError, type RegistryAuth, RuntimeError, type RuntimeImage } from '../runtime.ts';
import { call, callUnless } from './docker-client.ts';

/** One line of what Docker says while it pulls or loads. */
interface ProgressLine {
  readonly error?: string;
}

export class DockerImages {
  readonly #docker: Docker;

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  async list(signal: AbortSignal): Promise<readonly RuntimeImage[]> {
    const images = await call(signal, () => this.#docker.listImages({ abortSignal: signal }));
    return images.map((image) => ({
      id: image.Id,
      tags: (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>'),
      digests: (image.RepoDigests ?? []).filter((digest) => !digest.startsWith('<none>@')),
      sizeBytes: image.Size,
    }));
  }

  /** Rejects where the engine's folder is not on this machine. */
  async disk(signal: AbortSignal): Promise<{ totalBytes: number; usedBytes: number }> {
    const info = (await call(signal, () => this.#docker.info())) as { DockerRootDir: string };
    const { blocks, bavail, bsize } = await call(signal, () => statfs(info.DockerRootDir));
    return { totalBytes: blocks * bsize, usedBytes: (blocks - bavail) * bsize };
  }

  async inspect(reference: string, signal: AbortSignal): Promise<ImageDetails | undefined> {
    try {
      const image = this.#docker.getImage(reference);
      return details(await call(signal, () => image.inspect()));
    } catch (error) {
      if (isRuntimeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async pull(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<void> {
    await call(signal, async () => {
      const options = { fromImage: reference, abortSignal: signal };
      const progress = await this.#docker.createImage(authConfig(auth), options);
      await finish(progress as Readable);
    });
  }

  /** Takes a `docker save` archive in. */
  async load(archive: Buffer, signal: AbortSignal): Promise<void> {
    await call(signal, async () => finish((await this.#docker.loadImage(Readable.from([archive]))) as Readable));
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    await callUnless(signal, [404], () => this.#docker.getImage(id).remove({ abortSignal: signal }));
  }
}

function details(info: ImageInspectInfo): ImageDetails {
  return {
    id: info.Id,
    tags: info.RepoTags ?? [],
    digests: info.RepoDigests ?? [],
    sizeBytes: info.Size,
    // An imported image has no configuration at all.
    user: info.Config?.User ?? '',
  };
}

function authConfig(auth: RegistryAuth | undefined): Record<string, string> | undefined {
  if (auth === undefined) return undefined;
  return {
    ...(auth.username === undefined ? {} : { username: auth.username }),
    ...(auth.password === undefined ? {} : { password: auth.password }),
    ...(auth.identityToken === undefined ? {} : { identitytoken: auth.identityToken }),
    ...(auth.registryToken === undefined ? {} : { registrytoken: auth.registryToken }),
    serveraddress: auth.serverAddress,
  };
}

/** Reads progress to its end; Docker answers 200 first and tells of a failure in a line. */
async function finish(progress: Readable): Promise<void> {
  let rest = '';
  progress.setEncoding('utf8');
  for await (const chunk of progress) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) check(line);
  }
  check(rest);
}

function check(line: string): void {
  if (line.trim() === '') return;
  const { error } = JSON.parse(line) as ProgressLine;
  if (error !== undefined) throw new RuntimeError('Refused', error);
}
