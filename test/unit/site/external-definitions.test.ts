import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { StatusError, type StatusReason } from '../../../src/api/status-error.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient } from '../../../src/client/index.ts';
import { ExternalDefinitions } from '../../../src/site/external-definitions.ts';

function definition(name: string): KubeObject {
  const versions = [
    { name: 'v1beta1', storage: true },
    { name: 'v1alpha2', storage: false },
  ];
  return { kind: 'CustomResourceDefinition', metadata: { name }, spec: { group: 'g', versions } };
}

/** Makes the definitions at a server that answers the creations so, one after the other; nothing is a success. */
async function make(answers: readonly (StatusReason | undefined)[], names: readonly string[]) {
  const sent: KubeObject[] = [];
  const warnings: string[] = [];
  const done = Promise.withResolvers<void>();
  const client = {
    ...createKubeClient({
      send: () => Promise.reject(new Error('unused')),
      upgrade: () => Promise.reject(new Error('unused')),
    }),
    create: <T extends KubeObject>(_resource: unknown, _target: unknown, object: KubeObject): Promise<T> => {
      const reason = answers[sent.length];
      sent.push(object);
      if (sent.length === answers.length) done.resolve();
      return reason === undefined ? Promise.resolve(object as T) : Promise.reject(new StatusError(reason, reason));
    },
  };
  const logger: Logger = {
    ...silentLogger,
    warn: (fields) => warnings.push(String((fields as { name?: string }).name)),
  };
  const read = () => Promise.resolve([{ kind: 'Namespace' }, ...names.map(definition)]);
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  const component = new ExternalDefinitions({ client, read, clock, random: Math.random, logger });
  await component.start();
  await done.promise;
  await component.close();
  return { sent, warnings };
}

test('what is missing is made, in the version that is stored', async () => {
  const { sent } = await make([undefined], ['a']);
  assert.deepEqual(
    sent.map(({ spec }) => spec),
    [{ group: 'g', versions: [{ name: 'v1beta1', storage: true }] }],
  );
});

test('what is there is left, what fails for now is tried again, what is forbidden is told', async () => {
  const answers: (StatusReason | undefined)[] = [
    'AlreadyExists',
    'ServiceUnavailable',
    'ServiceUnavailable',
    undefined,
    'Forbidden',
  ];
  const { sent, warnings } = await make(answers, ['there', 'late', 'forbidden']);
  assert.deepEqual(
    sent.map(({ metadata }) => metadata?.name),
    ['there', 'late', 'late', 'late', 'forbidden'],
  );
  assert.deepEqual(warnings, ['forbidden']);
});
