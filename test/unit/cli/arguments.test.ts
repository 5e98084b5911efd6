import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../../src/cli/arguments.ts';

test('without arguments the site runs with its defaults', () => {
  assert.deepEqual(parseArguments([], '1.2.3'), {
    print: 'nothing',
    run: { config: undefined, dataDir: undefined, set: [], installDocker: false },
  });
});

test('every flag arrives', () => {
  const line = parseArguments(
    ['--config', 'a.yaml', '--data-dir', '/d', '--set', 'mqtt.mode=1', '--set', 'a=b', '--install-docker'],
    '1.2.3',
  );
  assert.deepEqual(line, {
    print: 'nothing',
    run: { config: 'a.yaml', dataDir: '/d', set: ['mqtt.mode=1', 'a=b'], installDocker: true },
  });
});

test('printing flags print', () => {
  assert.deepEqual(parseArguments(['--version'], '1.2.3'), { print: 'version', text: '1.2.3\n' });
  const help = parseArguments(['--help'], '1.2.3');
  assert.ok(help.print === 'help' && /--data-dir <dir>/.test(help.text) && /Examples:/.test(help.text));
  assert.deepEqual(parseArguments(['--minconfig'], '1'), { print: 'minconfig' });
  assert.deepEqual(parseArguments(['--defaultconfig'], '1'), { print: 'defaultconfig' });
});

test('mistakes are told with the way out', () => {
  assert.throws(() => parseArguments(['--cofnig', 'x'], '1'), /unknown option '--cofnig'.*--help lists/s);
  assert.throws(() => parseArguments(['start'], '1'), /too many arguments.*--help lists/s);
  assert.throws(() => parseArguments(['--config'], '1'), /argument missing.*--help lists/s);
});
