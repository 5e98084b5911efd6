/** Who is it? TokenReview and SelfSubjectReview. */
import { userInfo } from '../../../api/caller.ts';
import type { KubeObject } from '../../../api/object.ts';
import { badRequest } from '../../../api/status-error.ts';
import type { Caller } from '../../../client/index.ts';
import type { Authenticator } from '../authenticator.ts';

/** Rejects with BadRequest where no token is given. */
export async function reviewToken(review: KubeObject, authenticator: Authenticator): Promise<KubeObject> {
  const { token = '', audiences = [] } = (review['spec'] ?? {}) as { token?: string; audiences?: string[] };
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const outcome = await authenticator.verify(token, audiences);
  const status =
    'error' in outcome
      ? { user: {}, error: outcome.error }
      : { authenticated: true, user: userInfo(outcome.caller), audiences: outcome.audiences };
  return { ...review, status };
}

export function reviewSelf(review: KubeObject, caller: Caller, now: number): KubeObject {
  const creationTimestamp = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return { ...review, metadata: { ...review.metadata, creationTimestamp }, status: { userInfo: userInfo(caller) } };
}
