import { chmod, mkdir, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { UserError } from '../../base/errors.ts';
import { PRIVATE_MODE } from '../../base/files.ts';

const FOLDER_MODE = 0o700;

/** Makes the folder, for the owner only, and takes away what a process that died has left. */
export async function clearSocketPath(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const there = await stat(path).catch(() => undefined); // nothing there is what is wanted
  if (there === undefined) return;
  if (!there.isSocket())
    throw new UserError(`devicetwin.dmi-socket: ${path} is a file and no socket: name another path.`);
  if (await answers(path)) {
    throw new UserError(`devicetwin.dmi-socket: another process serves ${path}: end it, or name another path.`);
  }
  await rm(path);
}

export function restrictSocket(path: string): Promise<void> {
  return chmod(path, PRIVATE_MODE);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
