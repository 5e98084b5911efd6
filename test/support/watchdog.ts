/**
 * Loaded into every test file's process: one that hangs ends after `TEST_FILE_DEADLINE_MS` as failed, with what kept it alive.
 * `node:test` by itself waits for it without end, also where its own time limit has failed the test.
 */
const deadline = Number(process.env['TEST_FILE_DEADLINE_MS']);

setTimeout(() => {
  const alive = process.getActiveResourcesInfo();
  process.stderr.write(
    `the tests of this file did not end within ${deadline} ms; still open: ${[...new Set(alive)].join(', ')}\n`,
  );
  // An error thrown here would be taken for one of the test that runs.
  process.kill(process.pid, 'SIGKILL');
}, deadline).unref();
