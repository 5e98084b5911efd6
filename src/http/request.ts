import { messageOf } from '../base/errors.ts';

/** `fetch` whose errors say what happened: its own say only that it failed. */
export async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new Error(`${url}: ${messageOf(cause)}`, { cause: error });
  }
}
