import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** For one connection. */
export const CONNECT_SECONDS = 10;
const execute = promisify(execFile);

/** What curl on this machine prints, or its exit code as `exit 7`. */
export async function curlHere(url: string): Promise<string> {
  try {
    return (await execute('curl', ['-sS', '--noproxy', '*', '-m', String(CONNECT_SECONDS), url])).stdout.trim();
  } catch (error) {
    return `exit ${(error as { code: number }).code}`;
  }
}
