import { randomBytes } from 'node:crypto';
import type { Logger } from '../base/logger.ts';
import type { RowSealing } from '../base/row-sealing.ts';
import { AesGcmSealing } from './aes-gcm-sealing.ts';
import { loadKeyFile } from './key-file.ts';

/** Seals with the keys of the file; with a new one where there is none. Rejects with UserError for what is wrong in it. */
export async function openSealing(file: string, logger: Logger): Promise<RowSealing> {
  const keyFile = await loadKeyFile(file, randomBytes);
  if (keyFile.exposed) logger.warn({ file }, 'others than the owner may read the keys of what is sealed: chmod 600');
  return new AesGcmSealing(keyFile);
}
