import type { ApiResponse } from '../../client/index.ts';

/** An answer is longer than anything that makes sense. */
export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong';
}

/** The whole body, which is read no further than it may be long. Rejects with AnswerTooLong. */
export async function bounded(body: ApiResponse['body'], maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new AnswerTooLong(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
