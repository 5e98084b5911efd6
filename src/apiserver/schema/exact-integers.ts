import { badRequest } from '../../api/status-error.ts';

/** Whole numbers of so many digits are exact as they are. */
export const SAFE_DIGITS = 15;
const INT64_LIMIT = 2n ** 63n;

/**
 * Whole numbers beyond 2^53 would lose their last digits between two writes of an object: better refused than changed.
 * What does not fit into 64 bits is a float upstream too. Throws BadRequest.
 */
export function assertExact(literal: string): void {
  if (literal.length <= SAFE_DIGITS || !/^-?\d+$/.test(literal)) return;
  const exact = BigInt(literal);
  if (exact >= INT64_LIMIT || exact < -INT64_LIMIT || BigInt(Number(literal)) === exact) return;
  const nearest = BigInt(Number(literal));
  throw badRequest(
    `the number ${literal} cannot be kept exactly: beyond 2^53 whole numbers are kept as floating point here, and the ` +
      `nearest is ${nearest}; send that one, or a text where the field admits it`,
  );
}
