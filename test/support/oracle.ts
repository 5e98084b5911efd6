/** The recorded answers of a real kube-apiserver, where the machine has them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/oracle', import.meta.url));

/** For the `skip` option of a test: false where the recordings are there. */
export const withoutOracle: string | false = existsSync(`${folder}/cases`)
  ? false
  : 'no recordings of a kube-apiserver';

/** Sends the recorded requests to another server and compares the answers. */
export const replayProgram = `${folder}/replay.mjs`;

/** The topics of the recorded sessions of kubectl. */
export function sessionTopics(): string[] {
  return readdirSync(`${folder}/kubectl`).map((file) => file.replace('.json', ''));
}

interface Recording {
  readonly name: string;
  readonly steps: readonly {
    readonly response?: { readonly body?: unknown; readonly events?: readonly { readonly object?: unknown }[] };
  }[];
}

export function recordings(): { topic: string; cases: readonly Recording[] }[] {
  return readdirSync(`${folder}/cases`).map((file) => {
    const { topic, cases } = JSON.parse(readFileSync(`${folder}/cases/${file}`, 'utf8')) as {
      topic: string;
      cases: Recording[];
    };
    return { topic, cases };
  });
}

/** The documents of single groups and versions; none where there are no recordings. */
export function oracleDiscoveryFiles(): string[] {
  if (withoutOracle !== false) return [];
  return readdirSync(`${folder}/discovery`).filter((file) => /^(apis?_|apis\.)/.test(file));
}

/** `discovery/api_v1.json` */
export function oracleDiscovery(file: string): unknown {
  return JSON.parse(readFileSync(`${folder}/discovery/${file}`, 'utf8'));
}

/** `openapi/v2.json.gz`, `openapi/v3/api_v1.json.gz` */
export function oracleDocument(path: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(`${folder}/${path}`)).toString('utf8'));
}
