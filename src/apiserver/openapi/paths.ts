/** What both versions of a document ask of an operation. */
import type { GroupVersionKind } from '../../api/resources.ts';
import type { Content, Operation } from './operations.ts';

/** The definition of a kind; undefined where there is none. */
export type Naming = (kind: GroupVersionKind) => string | undefined;

export const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const FIXED: Readonly<Record<Exclude<Content['kind'], 'object'>, string | undefined>> = {
  status: `${META}.Status`,
  'watch-event': `${META}.WatchEvent`,
  'delete-options': `${META}.DeleteOptions`,
  patch: `${META}.Patch`,
  version: 'io.k8s.apimachinery.pkg.version.Info',
  text: undefined,
  log: undefined,
};

/** The definition that a body or an answer is of; undefined means text. */
export function definitionOf(content: Content, naming: Naming): string | undefined {
  return content.kind === 'object' ? naming(content.of) : FIXED[content.kind];
}

/** The query parameters that all operations of a path take stand at the path, and `pretty` with them. */
export function sharedQuery(operations: readonly Operation[]): string[] {
  const [first, ...others] = operations;
  const shared = (first?.query ?? []).filter((name) => others.every(({ query }) => query.includes(name)));
  const plain = operations.every(({ action }) => action === undefined || action === 'connect');
  return plain ? shared : [...shared, 'pretty'].sort();
}
