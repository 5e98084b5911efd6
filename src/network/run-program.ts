import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { errorCode } from '../base/errors.ts';

export interface ProgramOptions {
  readonly stdin?: string;
  readonly timeoutMs: number;
}

/** The program is not installed. */
export class MissingProgram extends Error {
  override readonly name = 'MissingProgram';
}

/** What the program prints. Rejects with what it complains of, or with MissingProgram. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { stdin = '', timeoutMs }: ProgramOptions,
  signal: AbortSignal,
): Promise<string> {
  const child = spawn(program, [...args], { stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, signal });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (cause) => {
      const missing = errorCode(cause) === 'ENOENT';
      reject(missing ? new MissingProgram(`${program} is not installed`, { cause }) : cause);
    });
    child.once('close', resolve);
  });
  // What could not be written is told by how the program ends.
  child.stdin.on('error', () => undefined).end(stdin);
  const [code, output, complaint] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return output;
  const how = code === null ? `did not end within ${timeoutMs} ms` : `ended with ${code}`;
  throw new Error(`${program} ${args.join(' ')} ${how}: ${complaint.trim()}`);
}
