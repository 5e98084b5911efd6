import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinnedIds } from '../../../src/edgestore/eviction.ts';
import { claimOf } from '../../support/volumes.ts';

test('the claims of the node’s pods and the volumes behind them stay in the edge store', () => {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'used' } }];
  const pod = { metadata: { name: 'p', namespace: 'default' }, spec: { nodeName: 'here', containers: [], volumes } };
  const claims = ['used', 'unused'].map((name) => claimOf(name, '1Gi', { spec: { volumeName: `of-${name}` } }));
  const pinned = [...pinnedIds('here', [pod], claims)].filter((id) => id.includes('persistent'));
  assert.deepEqual(pinned, ['/v1/persistentvolumeclaims/default/used', '/v1/persistentvolumes//of-used']);
});
