/** Reading what the API server answers. */
import { StatusError, type Status } from '../api/status-error.ts';
import type { ApiResponse } from '../client/index.ts';

const MAX_STATUS_BYTES = 1024 * 1024;

/** The whole body, or undefined where it is longer than the limit. */
export async function wholeBody(body: ApiResponse['body'], maxBytes: number): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body.byteLength > maxBytes ? undefined : body;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
  }
  return Buffer.concat(chunks);
}

export async function bodyText(body: ApiResponse['body'], maxBytes: number): Promise<string | undefined> {
  const whole = await wholeBody(body, maxBytes);
  return whole === undefined ? undefined : Buffer.from(whole).toString();
}

/** The error that an answer stands for, with the time after which the server wants to be asked again. */
export async function statusOf(response: ApiResponse): Promise<StatusError> {
  const text = (await bodyText(response.body, MAX_STATUS_BYTES)) ?? '';
  const status = parsedStatus(text);
  const retryAfter = Number(response.headers['retry-after']);
  const details = Number.isInteger(retryAfter) ? { retryAfterSeconds: retryAfter, ...status.details } : status.details;
  return StatusError.fromStatus({ ...status, ...(details === undefined ? {} : { details }) }, response.status);
}

function parsedStatus(text: string): Partial<Status> {
  try {
    const parsed = JSON.parse(text) as Partial<Status>;
    return parsed.kind === 'Status' ? parsed : { message: text };
  } catch {
    return { message: text };
  }
}
