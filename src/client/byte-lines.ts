import { StatusError } from '../api/status-error.ts';

const NEWLINE = 0x0a;

/**
 * The lines of a byte stream, decoded one by one: chunks may break lines and characters anywhere. Empty lines are left
 * out, a last line without an end is yielded. A line beyond `maxLineBytes` ends the stream with a StatusError.
 */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      size += end - start;
      refuseBeyond(size, maxLineBytes);
      if (size > 0) yield asText(parts);
      parts = [];
      size = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      size += chunk.length - start;
      refuseBeyond(size, maxLineBytes);
    }
  }
  if (size > 0) yield asText(parts);
}

function refuseBeyond(size: number, maxLineBytes: number): void {
  if (size > maxLineBytes) {
    throw new StatusError('InternalError', `a line of the server's answer is longer than ${maxLineBytes} bytes`);
  }
}

function asText(parts: readonly Uint8Array[]): string {
  const [only] = parts;
  const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('utf8');
}
