import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { argumentsOf, freePorts, runTool, SiteProcess, temporaryFolder } from '../support/site-process.ts';

const folder = await temporaryFolder();
after(() => folder.remove());
/** The parts that need no Docker: enough for what the command line promises. */
const NO_NODE = 'modules.enabled=[apiserver, controllers]';

test('--version, --help, --defaultconfig and --minconfig print and end with 0', async () => {
  const version = await runTool('./edgesite', ['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const help = await runTool('./edgesite', ['--help']);
  assert.match(help.stdout, /--install-docker/);
  const sample = await runTool('./edgesite', ['--defaultconfig']);
  assert.match(sample.stdout, /internal-server: "tcp:\/\/127\.0\.0\.1:1884"/);
  const minimal = await runTool('./edgesite', ['--minconfig']);
  assert.ok(minimal.stdout.length > 0 && minimal.stdout.length < sample.stdout.length);
  for (const output of [version, help, sample, minimal]) assert.deepEqual([output.code, output.stderr], [0, '']);
});

test('a mistake in the configuration ends with 1, names file, line and key, and starts nothing', async () => {
  const file = join(folder.path, 'bad.yaml');
  await writeFile(file, 'mqtt:\n  mode: 7\n');
  const dataDir = join(folder.path, 'never');
  const output = await runTool('./edgesite', ['--config', file, '--data-dir', dataDir]);
  assert.equal(output.code, 1);
  assert.equal(output.stderr, `edgesite: ${file}:2: mqtt.mode: expected at most 2, found 7\n`);
  await assert.rejects(stat(dataDir), { code: 'ENOENT' });
});

test('the site starts, holds its data directory, keeps its kubeconfig private and ends with 0 at SIGTERM', async (t) => {
  const options = { dataDir: join(folder.path, 'held'), ports: await freePorts(), set: [NO_NODE] };
  const site = await SiteProcess.start(options);
  t.after(() => site.stop());
  const ready = site.lines.find((line) => line.startsWith('edgesite is ready'));
  assert.match(
    ready ?? '',
    new RegExp(`API https://127\\.0\\.0\\.1:${options.ports.api}.*kubeconfig ${site.kubeconfig}`),
  );
  assert.equal((await stat(site.kubeconfig)).mode & 0o777, 0o600);

  const second = await runTool('./edgesite', argumentsOf({ ...options, ports: await freePorts() }));
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`in use by another edgesite \\(process ${site.child.pid}\\)`));

  const taken = await runTool('./edgesite', argumentsOf({ ...options, dataDir: join(folder.path, 'other') }));
  assert.equal(taken.code, 1);
  assert.match(
    taken.stderr,
    new RegExp(`cannot listen on 0\\.0\\.0\\.0:${options.ports.api}: another program uses it`),
  );

  assert.equal(await site.stop('SIGTERM'), 0);
});

test('a damaged data file is named and left as it is', async () => {
  const options = { dataDir: join(folder.path, 'damaged'), ports: await freePorts(), set: [NO_NODE] };
  const site = await SiteProcess.start(options);
  assert.equal(await site.stop('SIGINT'), 0);
  const file = join(options.dataDir, 'api.db');
  await writeFile(file, 'this is no database, but something a user may have put here by mistake'.repeat(20));
  const before = await stat(file);
  const output = await runTool('./edgesite', argumentsOf(options));
  assert.equal(output.code, 1);
  assert.match(output.stderr, /api\.db is damaged or not an SQLite database.*Nothing was changed/s);
  assert.equal((await stat(file)).size, before.size);
});
