import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InvariantError } from '../base/errors.ts';

/** Beside the sources, or beside the bundle. */
export function generatedFolder(): string {
  const candidates = [join(import.meta.dirname, '../../generated'), join(import.meta.dirname, '../generated')];
  const found = candidates.find((folder) => existsSync(join(folder, 'schemas.txt')));
  if (found === undefined)
    throw new InvariantError(`no generated schemas in ${candidates.join(', ')}; run npm run generate`);
  return found;
}
