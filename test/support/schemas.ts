/** The generated schemas, made first where a checkout has none. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadSchemas, type SchemaCatalog } from '../../src/apiserver/schema/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const generatedFolder = `${root}generated`;

export function builtInSchemas(): SchemaCatalog {
  if (!existsSync(`${generatedFolder}/schemas.txt`)) {
    const made = spawnSync(process.execPath, [`${root}scripts/generate-schemas.ts`], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`npm run generate failed: ${made.stderr}`);
  }
  return loadSchemas(generatedFolder);
}
