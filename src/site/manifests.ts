/** Applies the files of `manifests/` to the API at a start: what the site brings to its cluster. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../api/object.ts';
import { apiVersionOf, BUILT_IN_RESOURCES, type ResourceInfo } from '../api/resources.ts';
import { InvariantError } from '../base/errors.ts';
import { createKubeClient } from '../client/index.ts';
import type { ApiAccess } from './api-access.ts';

const FIELD_MANAGER = 'edgesite';
/** Beside `dist/` and two folders above the sources: the same place from both. */
const FOLDERS = [join(import.meta.dirname, '../manifests'), join(import.meta.dirname, '../../manifests')];

/** Server-side apply, so that what a user has added to the objects stays. */
export async function applyManifests(access: ApiAccess, signal: AbortSignal): Promise<void> {
  const client = createKubeClient(
    access.transportAs({ name: 'system:edgesite:manifests', groups: ['system:masters', 'system:authenticated'] }),
  );
  for (const object of await readManifests()) {
    const { namespace, name = '' } = object.metadata ?? {};
    await client.patch(resourceOf(object), { namespace, name }, 'apply', object, signal, {
      fieldManager: FIELD_MANAGER,
      force: true,
    });
  }
}

/** What the site brings to a cluster. */
export async function readManifests(): Promise<KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const folder of FOLDERS) {
    const files = await readdir(folder).catch(() => []); // one of the two is there
    for (const file of files.filter((name) => name.endsWith('.yaml')).sort()) {
      const documents = parseAllDocuments(await readFile(join(folder, file), 'utf8'));
      for (const document of documents) objects.push(document.toJS() as KubeObject);
    }
  }
  // What stands in a namespace comes after it, whatever the files are called.
  const [namespaces, others] = [objects.filter(isNamespace), objects.filter((object) => !isNamespace(object))];
  return [...namespaces, ...others];
}

function resourceOf({ apiVersion = '', kind = '' }: KubeObject): ResourceInfo {
  const info = BUILT_IN_RESOURCES.find((each) => apiVersionOf(each) === apiVersion && each.kind === kind);
  if (info === undefined) throw new InvariantError(`manifests/: no built-in kind ${kind} in ${apiVersion}`);
  return info;
}

function isNamespace({ kind }: KubeObject): boolean {
  return kind === 'Namespace';
}
