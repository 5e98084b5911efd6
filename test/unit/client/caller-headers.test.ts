import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerHeaders } from '../../../src/client/caller-headers.ts';

test('each group and each extra value is a header line of its own, keys are escaped, names are UTF-8', () => {
  const caller = {
    name: 'jürgen',
    uid: 'id-1',
    groups: ['a,b', 'system:authenticated'],
    extra: { 'example.com/Scopes': ['x', 'y'] },
  };
  assert.deepEqual(callerHeaders('impersonate', caller), {
    'impersonate-user': Buffer.from('jürgen').toString('latin1'),
    'impersonate-uid': 'id-1',
    'impersonate-group': ['a,b', 'system:authenticated'],
    'impersonate-extra-example.com%2Fscopes': ['x', 'y'],
  });
});

test('what a caller does not have is not said', () => {
  assert.deepEqual(callerHeaders('impersonate', { name: 'u', groups: [] }), { 'impersonate-user': 'u' });
});
