/** The OpenAPI v3 document of one group and version. */
import type { Json } from '../../api/object.ts';
import { publishedReference } from './definitions.ts';
import type { Content, Operation } from './operations.ts';
import { pathParameter, queryParameter, type Parameter } from './parameters.ts';
import { definitionOf, PATCH_TYPES, sharedQuery, type Naming } from './paths.ts';

const ANSWER_TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml'];
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

export function documentV3(
  info: { readonly title: string; readonly version: string },
  operations: readonly Operation[],
  schemas: Readonly<Record<string, Json>>,
  naming: Naming,
): Json {
  return {
    openapi: '3.0.0',
    info: { ...info },
    paths: pathsOf(operations, naming),
    components: {
      schemas,
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

function pathsOf(operations: readonly Operation[], naming: Naming): Json {
  const paths: Record<string, Json> = {};
  for (const [path, all] of Map.groupBy(operations, ({ path }) => path)) {
    const shared = sharedQuery(all);
    const entries = all.map((operation): [string, Json] => [operation.method, operationOf(operation, shared, naming)]);
    const parameters = [...pathNames(path).map(pathParameter), ...shared.map(queryParameter)].map(parameterOf);
    paths[path] = { ...Object.fromEntries(entries), ...(parameters.length === 0 ? {} : { parameters }) };
  }
  return paths;
}

function pathNames(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function operationOf(operation: Operation, shared: readonly string[], naming: Naming): Json {
  const own = operation.query.filter((name) => !shared.includes(name)).map((name) => parameterOf(queryParameter(name)));
  const { body, action, target } = operation;
  return {
    tags: [operation.tag],
    description: operation.description,
    operationId: operation.id,
    ...(own.length === 0 ? {} : { parameters: own }),
    ...(body === undefined ? {} : { requestBody: bodyOf(operation, body.content, body.required, naming) }),
    responses: responsesOf(operation, naming),
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(target === undefined ? {} : { 'x-kubernetes-group-version-kind': { ...target } }),
  };
}

function parameterOf({ name, in: place, type, description }: Parameter): Json {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}

function bodyOf({ consumes }: Operation, content: Content, required: boolean, naming: Naming): Json {
  const types = consumes ?? (content.kind === 'patch' ? PATCH_TYPES : ['*/*']);
  return { content: contentOf(types, content, naming), ...(required ? { required } : {}) };
}

const CODE_TEXTS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function responsesOf(operation: Operation, naming: Naming): Json {
  const types = typesOf(operation);
  const content = contentOf(types, operation.answer, naming);
  const successes = operation.codes.map((code): [string, Json] => [
    String(code),
    { description: CODE_TEXTS[code] ?? '', content },
  ]);
  return { ...Object.fromEntries(successes), 401: { description: 'Unauthorized' } };
}

function typesOf({ answer, streams, produces }: Operation): readonly string[] {
  if (produces !== undefined) return produces;
  if (answer.kind === 'text') return ['*/*'];
  if (answer.kind === 'log') return [...ANSWER_TYPES, 'text/plain'];
  return streams === true ? [...ANSWER_TYPES, ...STREAM_TYPES] : ANSWER_TYPES;
}

function contentOf(types: readonly string[], content: Content, naming: Naming): Json {
  const name = definitionOf(content, naming);
  const schema = name === undefined ? { type: 'string' } : { $ref: publishedReference(name, 'v3') };
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
