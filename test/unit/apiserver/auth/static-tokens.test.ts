import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StaticTokens } from '../../../../src/apiserver/auth/tokens/static-tokens.ts';

test('lines hold token, user, uid and groups; quotes hold commas', () => {
  const text = [
    '# comment',
    't1,ann,1',
    't2,"o, la",2,"dev, ops"',
    '',
    't3, bob ,3,"say ""hi""",more',
    ',nobody,4',
  ].join('\n');
  const tokens = StaticTokens.parse(text, 'tokens.csv');
  assert.deepEqual(tokens.callerOf('t1'), { name: 'ann', uid: '1', groups: ['system:authenticated'] });
  assert.deepEqual(tokens.callerOf('t2'), { name: 'o, la', uid: '2', groups: ['dev', 'ops', 'system:authenticated'] });
  assert.deepEqual(tokens.callerOf('t3'), { name: 'bob', uid: '3', groups: ['say "hi"', 'system:authenticated'] });
  assert.deepEqual([tokens.callerOf(''), tokens.callerOf('t4')], [undefined, undefined]);
});

test('a file that is none is told with its line', () => {
  assert.throws(() => StaticTokens.parse('t,u,1\nt2,u2\n', 'tokens.csv'), {
    message: "token file 'tokens.csv' must have at least 3 columns (token, user name, user uid), found 2 in line 2.",
  });
  assert.throws(() => StaticTokens.read('/nowhere/tokens.csv'), {
    message: /^apiserver\.token-auth-file: \/nowhere\/tokens\.csv cannot be read \(.*ENOENT/,
  });
});
