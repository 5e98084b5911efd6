/**
 * Runs the tests of the named tiers (`unit`, `integration`, `e2e`) with node's own runner and ends with the plain line
 * `N passed, N failed`. Further arguments that contain a slash or end in `.ts` pick files. A run without any test fails.
 */
import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** Files of a tier run side by side; tests that share Docker or ports isolate themselves by site id and port. */
const CONCURRENCY: Readonly<Record<string, number>> = { unit: 2, integration: 2, e2e: 1 };
const FILE_DEADLINE_MS = 10 * 60_000;
const WATCHDOG = new URL('../test/support/watchdog.ts', import.meta.url).href;

const args = process.argv.slice(2);
const picked = args.filter((arg) => arg.includes('/') || arg.endsWith('.ts'));
const tiers = args.filter((arg) => !picked.includes(arg));
let passed = 0;
let failed = 0;
let skipped = 0;

for (const tier of picked.length > 0 ? ['picked'] : tiers) {
  const files = picked.length > 0 ? picked : globSync(`test/${tier}/**/*.test.ts`).sort();
  if (files.length === 0) throw new Error(`run-tests: no test files for tier "${tier}"`);
  await runFiles(files, CONCURRENCY[tier] ?? 1);
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function runFiles(files: string[], concurrency: number): Promise<void> {
  process.env['TEST_FILE_DEADLINE_MS'] = String(FILE_DEADLINE_MS);
  const stream = run({ files, concurrency, execArgv: ['--import', WATCHDOG] });
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isFile(event.name)) return;
    if (event.skip !== undefined && event.skip !== false) skipped += 1;
    else passed += 1;
  });
  stream.on('test:fail', (event) => {
    if (event.details.type !== 'suite') failed += 1;
  });
  for await (const chunk of stream.compose(spec())) process.stdout.write(String(chunk));
}

function isFile(name: string): boolean {
  return name.endsWith('.test.ts');
}
