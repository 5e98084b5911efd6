/** The OpenAPI v2 document of the whole API. */
import type { Json } from '../../api/object.ts';
import { publishedReference } from './definitions.ts';
import type { Content, Operation } from './operations.ts';
import { pathParameter, queryParameter, type Parameter } from './parameters.ts';
import { definitionOf, PATCH_TYPES, sharedQuery, type Naming } from './paths.ts';

const ANSWER_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

export function documentV2(
  version: string,
  operations: readonly Operation[],
  definitions: Readonly<Record<string, Json>>,
  naming: Naming,
): Record<string, Json> {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: pathsOf(operations, naming),
    definitions,
    securityDefinitions: {
      BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

function pathsOf(operations: readonly Operation[], naming: Naming): Json {
  const paths: Record<string, Json> = {};
  for (const [path, all] of Map.groupBy(operations, ({ path }) => path)) {
    const shared = sharedQuery(all);
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const parameters = [...names.map(pathParameter), ...shared.map(queryParameter)].map(parameterOf);
    const entries = all.map((operation): [string, Json] => [operation.method, operationOf(operation, shared, naming)]);
    paths[path] = { ...Object.fromEntries(entries), ...(parameters.length === 0 ? {} : { parameters }) };
  }
  return paths;
}

function operationOf(operation: Operation, shared: readonly string[], naming: Naming): Json {
  const { body, action, target } = operation;
  const own = operation.query.filter((name) => !shared.includes(name)).map((name) => parameterOf(queryParameter(name)));
  const consumes = operation.consumes ?? (body?.content.kind === 'patch' ? PATCH_TYPES : ['*/*']);
  const parameters = [...(body === undefined ? [] : [bodyOf(body.content, body.required, naming)]), ...own];
  return {
    description: operation.description,
    ...(consumes.length === 0 ? {} : { consumes }),
    produces: typesOf(operation),
    schemes: ['https'],
    tags: [operation.tag],
    operationId: operation.id,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: responsesOf(operation, naming),
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(target === undefined ? {} : { 'x-kubernetes-group-version-kind': { ...target } }),
  };
}

function parameterOf({ name, in: place, type, description }: Parameter): Json {
  return { uniqueItems: true, type, description, name, in: place, ...(place === 'path' ? { required: true } : {}) };
}

function bodyOf(content: Content, required: boolean, naming: Naming): Json {
  return { name: 'body', in: 'body', ...(required ? { required } : {}), schema: schemaOf(content, naming) };
}

const CODE_TEXTS: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function responsesOf(operation: Operation, naming: Naming): Json {
  const schema = schemaOf(operation.answer, naming);
  const successes = operation.codes.map((code): [string, Json] => [
    String(code),
    { description: CODE_TEXTS[code] ?? '', schema },
  ]);
  return { ...Object.fromEntries(successes), 401: { description: 'Unauthorized' } };
}

function typesOf({ answer, streams, produces }: Operation): readonly string[] {
  if (produces !== undefined) return produces;
  if (answer.kind === 'text') return ['*/*'];
  if (answer.kind === 'log') return ['text/plain', ...ANSWER_TYPES];
  return streams === true ? [...ANSWER_TYPES, ...STREAM_TYPES] : ANSWER_TYPES;
}

function schemaOf(content: Content, naming: Naming): Json {
  const name = definitionOf(content, naming);
  return name === undefined ? { type: 'string' } : { $ref: publishedReference(name, 'v2') };
}
