/** Which operations a resource has, told apart from how a document writes them down. */
import {
  apiVersionOf,
  ALL_VERBS,
  type GroupVersionKind,
  type ResourceInfo,
  type Subresource,
  type Verb,
} from '../../api/resources.ts';
import { qualifiedResource } from '../../api/status-error.ts';
import { capital, groupName, lowerFirst } from './operation-names.ts';
import {
  DELETE_COLLECTION_PARAMETERS,
  DELETE_PARAMETERS,
  LIST_PARAMETERS,
  PATCH_PARAMETERS,
  SUBRESOURCE_PARAMETERS,
  WRITE_PARAMETERS,
} from './parameters.ts';

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

/** What a body holds or an answer shows. */
export type Content =
  | { readonly kind: 'object'; readonly of: GroupVersionKind }
  | { readonly kind: 'status' | 'watch-event' | 'delete-options' | 'patch' | 'text' | 'log' | 'version' };

export interface Operation {
  readonly path: string;
  readonly method: Method;
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  /** `list`, `watchlist`, `connect`, …; none for what is no resource. */
  readonly action?: string;
  readonly target?: GroupVersionKind;
  readonly query: readonly string[];
  readonly body?: { readonly content: Content; readonly required: boolean } | undefined;
  /** Types of a body and of an answer, where they do not follow from what those are. */
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
  /** Codes of success; each has the same content. */
  readonly codes: readonly number[];
  readonly answer: Content;
  /** Whether the answer may be a stream of watch events. */
  readonly streams?: boolean;
}

const WATCH_ONE =
  "deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.";
const WATCH_LIST = "deprecated: use the 'watch' parameter with a list operation instead.";
const CONNECT_METHODS: readonly Method[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** Resources whose deletion answers with the object; all others answer with a Status. */
const ANSWER_DELETED = new Set([
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'deviceclasses.resource.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
]);

/** All operations of a resource and its subresources, in the order of their paths. */
export function operationsOf(info: ResourceInfo): Operation[] {
  const names = namesOf(info);
  const has = (verb: Verb): boolean => (info.verbs ?? ALL_VERBS).includes(verb);
  const operations = [...collection(info, names, has), ...single(info, names, has)];
  for (const subresource of info.subresources ?? [])
    operations.push(...subresourceOperations(info, names, subresource));
  if (has('watch')) operations.push(...watches(info, names));
  return operations;
}

interface Names {
  /** `/apis/apps/v1` */
  readonly root: string;
  /** `/apis/apps/v1/namespaces/{namespace}/deployments` */
  readonly collection: string;
  /** `AppsV1` */
  readonly group: string;
  /** `NamespacedDeployment` */
  readonly scoped: string;
  readonly tag: string;
  readonly content: Content;
  readonly target: GroupVersionKind;
}

function namesOf(info: ResourceInfo): Names {
  const root = info.group === '' ? `/api/${info.version}` : `/apis/${apiVersionOf(info)}`;
  const target = { group: info.group, version: info.version, kind: info.kind };
  return {
    root,
    collection: info.namespaced ? `${root}/namespaces/{namespace}/${info.plural}` : `${root}/${info.plural}`,
    group: `${groupName(info.group)}${capital(info.version)}`,
    scoped: info.namespaced ? `Namespaced${info.kind}` : info.kind,
    tag: `${lowerFirst(groupName(info.group))}_${info.version}`,
    content: { kind: 'object', of: target },
    target,
  };
}

function collection(info: ResourceInfo, names: Names, has: (verb: Verb) => boolean): Operation[] {
  const list: Content = { kind: 'object', of: { ...names.target, kind: `${info.kind}List` } };
  const common = { path: names.collection, tag: names.tag, target: names.target };
  const listed = {
    method: 'get',
    action: 'list',
    description: `list ${has('watch') ? 'or watch ' : ''}objects of kind ${info.kind}`,
    query: LIST_PARAMETERS,
    codes: [200],
    answer: list,
    streams: true,
  } as const;
  const operations: Operation[] = [];
  if (has('list')) operations.push({ ...common, ...listed, id: `list${names.group}${names.scoped}` });
  if (has('create')) operations.push(creation(info, names));
  if (has('deletecollection')) {
    operations.push({
      ...common,
      method: 'delete',
      action: 'deletecollection',
      id: `delete${names.group}Collection${names.scoped}`,
      description: `delete collection of ${info.kind}`,
      query: DELETE_COLLECTION_PARAMETERS,
      body: { content: { kind: 'delete-options' }, required: false },
      codes: [200],
      answer: { kind: 'status' },
    });
  }
  if (info.namespaced && has('list')) {
    const path = `${names.root}/${info.plural}`;
    operations.push({ ...common, ...listed, path, id: `list${names.group}${info.kind}ForAllNamespaces` });
  }
  return operations;
}

function creation(info: ResourceInfo, names: Names): Operation {
  return {
    path: names.collection,
    method: 'post',
    id: `create${names.group}${names.scoped}`,
    tag: names.tag,
    description: `create ${one(info)}`,
    action: 'post',
    target: names.target,
    query: WRITE_PARAMETERS,
    body: { content: names.content, required: true },
    codes: [200, 201, 202],
    answer: names.content,
  };
}

function single(info: ResourceInfo, names: Names, has: (verb: Verb) => boolean): Operation[] {
  const at: Place = { path: `${names.collection}/{name}`, suffix: '', of: '', names, content: names.content };
  const operations: Operation[] = [];
  if (has('get')) operations.push(reading(at));
  if (has('update')) operations.push(replacing(at));
  if (has('delete')) {
    operations.push({
      path: at.path,
      method: 'delete',
      id: `delete${names.group}${names.scoped}`,
      tag: names.tag,
      description: `delete ${one(info)}`,
      action: 'delete',
      target: names.target,
      query: DELETE_PARAMETERS,
      body: { content: { kind: 'delete-options' }, required: false },
      codes: [200, 202],
      answer: ANSWER_DELETED.has(qualifiedResource(info)) ? names.content : { kind: 'status' },
    });
  }
  if (has('patch')) operations.push(patching(at));
  return operations;
}

/** An object or a subresource of it. */
interface Place {
  readonly path: string;
  /** `Status` */
  readonly suffix: string;
  /** `status of ` */
  readonly of: string;
  readonly names: Names;
  readonly content: Content;
}

function at(place: Place): Pick<Operation, 'path' | 'tag' | 'target'> {
  const target = place.content.kind === 'object' ? place.content.of : place.names.target;
  return { path: place.path, tag: place.names.tag, target };
}

function idOf(verb: string, { names, suffix }: Place): string {
  return `${verb}${names.group}${names.scoped}${suffix}`;
}

function reading(place: Place): Operation {
  const description = `read ${place.of}the specified ${place.names.target.kind}`;
  return {
    ...at(place),
    method: 'get',
    id: idOf('read', place),
    action: 'get',
    description,
    query: [],
    codes: [200],
    answer: place.content,
  };
}

function replacing(place: Place): Operation {
  return {
    ...at(place),
    method: 'put',
    id: idOf('replace', place),
    action: 'put',
    description: `replace ${place.of}the specified ${place.names.target.kind}`,
    query: WRITE_PARAMETERS,
    body: { content: place.content, required: true },
    codes: [200, 201],
    answer: place.content,
  };
}

function patching(place: Place): Operation {
  return {
    ...at(place),
    method: 'patch',
    id: idOf('patch', place),
    action: 'patch',
    description: `partially update ${place.of}the specified ${place.names.target.kind}`,
    query: PATCH_PARAMETERS,
    body: { content: { kind: 'patch' }, required: true },
    codes: [200, 201],
    answer: place.content,
  };
}

function subresourceOperations(info: ResourceInfo, names: Names, subresource: Subresource): Operation[] {
  const { name, kind, verbs } = subresource;
  if (kind?.kind.endsWith('Options') === true) return connections(info, names, subresource);
  const of =
    kind === undefined ? names.target : { ...kind, version: kind.version === '' ? info.version : kind.version };
  const path = `${names.collection}/{name}/${name}`;
  const place: Place = { path, suffix: capital(name), of: `${name} of `, names, content: { kind: 'object', of } };
  if (name === 'log') {
    const read = reading({ ...place, content: { kind: 'log' } });
    return [{ ...read, query: SUBRESOURCE_PARAMETERS.log ?? [] }];
  }
  const operations: Operation[] = [];
  if (verbs.includes('get')) operations.push(reading(place));
  if (verbs.includes('update')) operations.push(replacing(place));
  if (verbs.includes('create')) {
    const create = creation(info, names);
    const description = `create ${name} of ${one(info)}`;
    operations.push({
      ...create,
      ...at(place),
      id: idOf('create', place),
      description,
      answer: place.content,
      body: { content: place.content, required: true },
    });
  }
  if (verbs.includes('patch')) operations.push(patching(place));
  return operations;
}

function connections(info: ResourceInfo, names: Names, { name, kind, verbs }: Subresource): Operation[] {
  if (kind === undefined) return [];
  const methods = verbs.includes('delete') ? CONNECT_METHODS : (['get', 'post'] as const);
  const target = { group: info.group, version: info.version, kind: kind.kind };
  const base = `${names.collection}/{name}/${name}`;
  const paths = name === 'proxy' ? [base, `${base}/{path}`] : [base];
  return paths.flatMap((path) =>
    methods.map((method): Operation => {
      const suffix = `${capital(name)}${path === base ? '' : 'WithPath'}`;
      return {
        path,
        method,
        id: `connect${names.group}${capital(method)}${names.scoped}${suffix}`,
        tag: names.tag,
        description: `connect ${method.toUpperCase()} requests to ${name} of ${info.kind}`,
        action: 'connect',
        target,
        query: SUBRESOURCE_PARAMETERS[name] ?? [],
        codes: [200],
        answer: { kind: 'text' },
      };
    }),
  );
}

/** The old paths of watches, kept as upstream keeps them. */
function watches(info: ResourceInfo, names: Names): Operation[] {
  const below = (path: string): string => path.replace(names.root, `${names.root}/watch`);
  const watch = (path: string, name: string, action: 'watch' | 'watchlist'): Operation => ({
    path,
    method: 'get',
    id: `watch${names.group}${name}`,
    tag: names.tag,
    description:
      action === 'watch'
        ? `watch changes to an object of kind ${info.kind}. ${WATCH_ONE}`
        : `watch individual changes to a list of ${info.kind}. ${WATCH_LIST}`,
    action,
    target: names.target,
    query: LIST_PARAMETERS,
    codes: [200],
    answer: { kind: 'watch-event' },
    streams: true,
  });
  const operations = [
    watch(below(names.collection), `${names.scoped}List`, 'watchlist'),
    watch(below(`${names.collection}/{name}`), names.scoped, 'watch'),
  ];
  if (info.namespaced) {
    const all = `${names.root}/watch/${info.plural}`;
    operations.push(watch(all, `${info.kind}ListForAllNamespaces`, 'watchlist'));
  }
  return operations;
}

/** `a Deployment`, `an Ingress`, and `Endpoints`, which is a plural. */
function one({ kind, plural }: ResourceInfo): string {
  if (kind.toLowerCase() === plural) return kind;
  return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
