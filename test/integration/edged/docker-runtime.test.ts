import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../../src/base/logger.ts';
import { DockerRuntime } from '../../../src/edged/docker/docker-runtime.ts';
import { containerRuntimeSuite } from '../../contract/container-runtime/suite.ts';
import { dockerSite } from '../../support/docker-site.ts';
import { podIdentity, sandboxSpec } from '../../support/specs.ts';

containerRuntimeSuite('Docker', dockerSite);

test('a host that refuses negative OOM scores is spoken of once, however many sandboxes begin together', async () => {
  const site = await dockerSite();
  const { docker, siteId } = site;
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => warnings.push(message) };
  const runtime = new DockerRuntime({ docker, siteId, logMaxSize: '1m', logMaxFiles: 2, logger });
  const signal = AbortSignal.timeout(30_000);
  try {
    await Promise.all(['a', 'b', 'c'].map((uid) => runtime.runSandbox(sandboxSpec(podIdentity(uid)), signal)));
    assert.ok(warnings.length <= 1, warnings.join('\n'));
  } finally {
    await site.close();
  }
});
