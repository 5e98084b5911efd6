/** Tokens from a file: `apiserver/pkg/authentication/token/tokenfile`. One a line: `token,user,uid,"group1,group2"`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AUTHENTICATED } from '../../../auth/index.ts';
import { messageOf, UserError } from '../../../base/errors.ts';
import type { Caller } from '../../../client/index.ts';

const LEAST_COLUMNS = 3;

/** Kept by hash: how long a comparison takes tells nothing of a token. */
export class StaticTokens {
  readonly #callers: ReadonlyMap<string, Caller>;

  private constructor(callers: ReadonlyMap<string, Caller>) {
    this.#callers = callers;
  }

  /** No file, no tokens. Throws UserError for a file that cannot be read or is not of the form. */
  static read(file: string | undefined): StaticTokens {
    if (file === undefined) return new StaticTokens(new Map());
    try {
      return StaticTokens.parse(readFileSync(file, 'utf8'), file);
    } catch (error) {
      if (error instanceof UserError) throw error;
      const what = `apiserver.token-auth-file: ${file} cannot be read (${messageOf(error)})`;
      throw new UserError(`${what}. Make the file readable, or leave the key empty.`, { cause: error });
    }
  }

  static parse(text: string, file: string): StaticTokens {
    const callers = new Map<string, Caller>();
    for (const [index, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const columns = fieldsOf(line);
      const [token = '', name = '', uid = '', groups = ''] = columns.map((column) => column.trim());
      if (columns.length < LEAST_COLUMNS) {
        const found = `must have at least 3 columns (token, user name, user uid), found ${columns.length}`;
        throw new UserError(`token file '${file}' ${found} in line ${index + 1}.`);
      }
      if (token === '') continue;
      const named = groups.split(',').map((group) => group.trim());
      const given = named.filter((group) => group !== '');
      callers.set(hashOf(token), { name, ...(uid === '' ? {} : { uid }), groups: [...given, AUTHENTICATED] });
    }
    return new StaticTokens(callers);
  }

  callerOf(token: string): Caller | undefined {
    return this.#callers.size === 0 ? undefined : this.#callers.get(hashOf(token));
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** RFC 4180 within one line: a field in quotes may hold commas, and quotes twice. */
function fieldsOf(line: string): string[] {
  const fields = `,${line}`.matchAll(/,\s*(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
