import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Volume } from '../../../src/api/kinds.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { KubeClient, WatchEvent } from '../../../src/client/index.ts';
import { ContentWatches } from '../../../src/edged/volumes/content-watches.ts';
import { until } from '../../support/until.ts';

/** A server of single objects: what is watched, and who is told. */
function server(objects: Record<string, KubeObject> = {}) {
  const open = new Map<string, (event: WatchEvent) => void>();
  const nameIn = (selector = ''): string => selector.replace('metadata.name=', '');
  const client: Pick<KubeClient, 'list' | 'watch'> = {
    list: async (_resource, { fieldSelector }) => {
      const found = objects[nameIn(fieldSelector)];
      return { metadata: { resourceVersion: '1' }, items: found === undefined ? [] : [found as never] };
    },
    watch: async function* ({ plural }, { namespace, fieldSelector }, signal) {
      const key = `${plural}/${namespace}/${nameIn(fieldSelector)}`;
      const events: WatchEvent[] = [];
      let wake = (): void => undefined;
      open.set(key, (event) => {
        events.push(event);
        wake();
      });
      signal.addEventListener('abort', () => wake());
      try {
        while (!signal.aborted) {
          for (let event = events.shift(); event !== undefined; event = events.shift()) yield event as never;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        open.delete(key);
      }
    },
  };
  const changed: string[] = [];
  const parts = { client: client as KubeClient, clock: systemClock, random: Math.random, logger: silentLogger };
  return { open, changed, watches: new ContentWatches(parts, (uid) => changed.push(uid)) };
}

function pod(uid: string, volumes: Volume[], phase = 'Running'): Pod {
  return { metadata: { name: uid, namespace: 'ns', uid }, spec: { containers: [], volumes }, status: { phase } };
}

const map = (name: string): Volume => ({ name, configMap: { name } });
const secret = (name: string): Volume => ({ name, projected: { sources: [{ secret: { name } }] } });
const version = (name: string, resourceVersion: string, more: object = {}): KubeObject => ({
  metadata: { name, namespace: 'ns', resourceVersion },
  ...more,
});

test('each object is watched once, for as long as a pod that runs shows it', async () => {
  const { open, watches } = server();
  watches.follow('a', pod('a', [map('one'), secret('two')]));
  watches.follow('b', pod('b', [map('one')]));
  await until('two watches', () => open.size === 2);
  assert.deepEqual([...open.keys()].sort(), ['configmaps/ns/one', 'secrets/ns/two']);
  watches.follow('a', pod('a', [map('one'), secret('two')], 'Succeeded'));
  await until('one watch', () => open.size === 1);
  watches.follow('b', undefined);
  await until('no watch', () => open.size === 0);
  await watches.close();
});

test('a change is told to all pods that show the object, and to no other', async () => {
  const { open, changed, watches } = server();
  watches.follow('a', pod('a', [map('one')]));
  watches.follow('b', pod('b', [map('one')]));
  watches.follow('c', pod('c', [map('other')]));
  await until('two watches', () => open.size === 2);
  open.get('configmaps/ns/one')?.({ type: 'ADDED', object: version('one', '5') });
  await until('both are told', () => changed.length >= 2);
  open.get('configmaps/ns/one')?.({ type: 'DELETED', object: version('one', '6') });
  await until('both are told again', () => changed.length >= 4);
  assert.deepEqual(changed, ['a', 'b', 'a', 'b']);
  await watches.close();
  assert.equal(open.size, 0);
});

test('what is immutable is not followed once it has been seen', async () => {
  const { open, changed, watches } = server({ fixed: version('fixed', '1', { immutable: true }) });
  watches.follow('a', pod('a', [map('fixed'), map('moving')]));
  await until('both are seen', () => open.has('configmaps/ns/moving') && changed.length > 0);
  assert.deepEqual([...open.keys()], ['configmaps/ns/moving']);
  assert.deepEqual(changed, ['a']);
  await watches.close();
});
