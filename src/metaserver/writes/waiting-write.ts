import type { Caller } from '../../api/caller.ts';
import type { Collection, StoredObject } from '../../edgestore/index.ts';
import type { ObjectName, QueuedVerb } from './write-policy.ts';

/** What a write builds on: what the API holds, or a write before it that still waits. */
export type Basis =
  | { readonly on: 'api'; readonly uid: string; readonly resourceVersion: string }
  | { readonly on: 'write'; readonly id: number }
  | { readonly on: 'nothing' };

/** A write as it was taken. */
export interface TakenWrite extends ObjectName {
  readonly verb: QueuedVerb;
  readonly collection: Collection;
  readonly subresource: string | undefined;
  /** Path and query as the client asked. */
  readonly target: string;
  readonly contentType: string;
  /** As the client sent it, with the name that it was given. */
  readonly body: string;
  /** In whose name it goes on; absent where the site does not ask who calls. */
  readonly caller: Caller | undefined;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
  readonly basis: Basis;
}

/** A write that waits for the API. */
export interface WaitingWrite extends TakenWrite {
  /** Grows from write to write, also over restarts. */
  readonly id: number;
  /** What the client was told; for a delete, what was there. */
  readonly object: StoredObject;
  /** How often it was sent without a clear answer. */
  readonly attempts: number;
}

/**
 * Revisions of local writes lie beyond those of any API server: a client that has seen one is made to list anew once the
 * API is back.
 */
const FIRST_LOCAL_REVISION = 1_000_000_000_000_000n;

export function localRevision(id: number): string {
  return String(FIRST_LOCAL_REVISION + BigInt(id));
}
