/** Continue tokens as apiserver's `storage/continue.go` makes them, so that they look alike on the wire. */
import { badRequest } from '../../api/status-error.ts';

export interface ContinueToken {
  /** The revision of the first page; -1: go on from what is there now. */
  readonly revision: number;
  /** The last key of the page before. */
  readonly after: string;
}

const VERSION = 'meta.k8s.io/v1';
/** The smallest key behind a key. */
const BEHIND = '\0';

export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start: `${after}${BEHIND}` })).toString('base64url');
}

export function decodeContinue(text: string): ContinueToken {
  const { v, rv, start } = parsed(text);
  if (v !== VERSION) throw broken(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0) {
    throw broken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') throw broken('encoded start key empty (version meta.k8s.io/v1)');
  if (start.split('/').some((segment) => segment === '.' || segment === '..')) throw broken(start);
  return { revision: rv, after: start.endsWith(BEHIND) ? start.slice(0, -1) : start };
}

function parsed(text: string): { v?: unknown; rv?: unknown; start?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Worded below.
  }
  throw broken(`invalid character ${firstCharacter(text)} looking for beginning of value`);
}

/** How Go quotes the first byte of what should have been JSON. */
function firstCharacter(text: string): string {
  const byte = Buffer.from(text, 'base64url')[0] ?? 0;
  const shown = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\u${byte.toString(16).padStart(4, '0')}`;
  return `'${shown}'`;
}

function broken(why: string) {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
