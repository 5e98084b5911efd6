/** Memory-backed folders. Mounting takes rights that a site in a container may not have: then a plain folder serves. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `sizeBytes` 0: half of the memory, as the kernel has it. */
export async function mountTmpfs(path: string, sizeBytes: number): Promise<void> {
  const size = sizeBytes === 0 ? [] : ['-o', `size=${sizeBytes}`];
  await run('mount', ['-t', 'tmpfs', ...size, 'tmpfs', path]);
}

/** The mount points at and below the folder, deepest first. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => unescaped(line.split(' ')[4] ?? ''));
  return points
    .filter((point) => point === folder || point.startsWith(`${folder}/`))
    .sort((one, other) => other.length - one.length);
}

export async function unmount(path: string): Promise<void> {
  await run('umount', [path]);
}

/** The kernel writes blanks and backslashes as octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
