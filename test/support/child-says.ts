import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** What the child prints next, trimmed; rejects when it ends without another word. */
export async function childSays(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the output of the child is not piped');
  const over = new AbortController();
  try {
    return await Promise.race([
      once(stdout, 'data', { signal: over.signal }).then(([chunk]) => String(chunk).trim()),
      // "close" comes after the last of the output.
      once(child, 'close', { signal: over.signal }).then(([code, signal]) => {
        throw new Error(`${child.spawnargs.join(' ')} ended with ${code ?? signal} before it said a word`);
      }),
    ]);
  } finally {
    over.abort();
  }
}
