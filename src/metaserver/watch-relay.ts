import type { Logger } from '../base/logger.ts';
import type { Scope } from '../edgestore/index.ts';
import type { Keeper } from './keeper.ts';

const NEWLINE = 0x0a;

/**
 * Passes the bytes of a watch on as they come and keeps its events. A client gets each event before it is kept; the next
 * chunk is read only after that, so nothing piles up. Ends quietly where the API breaks off: clients of Kubernetes watch
 * on from the last revision that they saw.
 */
export async function* relayWatch(
  body: AsyncIterable<Uint8Array>,
  scope: Scope | undefined,
  keeper: Keeper,
  logger: Logger,
  failed: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const lines = new LineSplitter();
  let keeps = scope !== undefined;
  try {
    for await (const chunk of body) {
      yield chunk;
      if (!keeps || scope === undefined) continue;
      try {
        for (const line of lines.split(chunk)) await keeper.event(scope, line);
      } catch (error) {
        // Events are missing from here on: the scope must not be taken for known any further.
        keeps = false;
        logger.warn({ err: error }, 'the events of a watch are no longer kept');
      }
    }
  } catch (error) {
    failed(error);
  }
}

class LineSplitter {
  #rest: Uint8Array[] = [];

  *split(chunk: Uint8Array): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...this.#rest, chunk.subarray(start, end)]).toString();
      this.#rest = [];
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (start < chunk.byteLength) this.#rest.push(chunk.subarray(start));
  }
}
