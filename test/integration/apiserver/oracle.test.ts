/** Held against what a real kube-apiserver answered. How many cases must pass stands in `docs/conformance.md`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { startControlPlane } from '../../support/control-plane.ts';
import { kubectlPath } from '../../support/kubectl.ts';
import { replayProgram, sessionTopics, withoutOracle } from '../../support/oracle.ts';

const TIMEOUT_MS = 240_000;
const JOBS = 6;

interface Outcome {
  readonly topic: string;
  readonly name: string;
  readonly ok: boolean;
}

interface Floor {
  readonly passing: number;
  readonly known: ReadonlySet<string>;
}

/** `Floor: 280 of 316`, `Floor of kubectl sessions: 40 of 56`, and the tables of what fails, by `topic/name`. */
function readFloor(line: string): Floor {
  const page = readFileSync(new URL('../../../docs/conformance.md', import.meta.url), 'utf8');
  const passing = new RegExp(`^${line}: (\\d+) of \\d+`, 'm').exec(page)?.[1];
  assert.ok(passing !== undefined, `docs/conformance.md does not say \`${line}: N of M\``);
  const known = [...page.matchAll(/^\| `([a-z-]+\/[a-z0-9-]+)` \|/gm)].map(([, name = '']) => name);
  return { passing: Number(passing), known: new Set(known) };
}

/** The list is followed by a line with the counts. */
async function replay(kubeconfig: string, ...options: readonly string[]): Promise<Outcome[]> {
  const argv = [replayProgram, '--kubeconfig', kubeconfig, '--jobs', String(JOBS), '--json', ...options];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'], timeout: TIMEOUT_MS });
  const output = await text(child.stdout);
  return JSON.parse(output.slice(0, output.lastIndexOf(']') + 1)) as Outcome[];
}

function assertFloor(t: TestContext, outcomes: readonly Outcome[], floor: Floor): void {
  const failed = outcomes.filter(({ ok }) => !ok).map(({ topic, name }) => `${topic}/${name}`);
  for (const name of failed) t.diagnostic(`${floor.known.has(name) ? 'known' : 'NEW'}: ${name}`);
  const passed = outcomes.length - failed.length;
  const news = failed.filter((name) => !floor.known.has(name));
  assert.ok(passed >= floor.passing, `${passed} pass, ${floor.passing} must; new: ${news.join(', ')}`);
}

test('as many recorded cases pass as docs/conformance.md says', {
  skip: withoutOracle,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const plane = await startControlPlane({ workloads: false });
  t.after(() => plane.close());
  assertFloor(t, await replay(plane.kubeconfig), readFloor('Floor'));
});

test('as many recorded sessions of kubectl pass as docs/conformance.md says', {
  skip: withoutOracle,
  timeout: TIMEOUT_MS,
}, async (t) => {
  const plane = await startControlPlane();
  t.after(() => plane.close());
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-kubectl-'));
  t.after(() => rmSync(folder, { recursive: true }));
  // Its messages hold the name that it was called by.
  const kubectl = join(folder, 'kubectl');
  symlinkSync(resolve(kubectlPath()), kubectl);
  const topics = sessionTopics().flatMap((topic) => ['--topic', topic]);
  const outcomes = await replay(plane.kubeconfig, '--kubectl', kubectl, ...topics);
  assertFloor(t, outcomes, readFloor('Floor of kubectl sessions'));
});
