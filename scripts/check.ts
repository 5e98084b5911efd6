/**
 * The one command before each commit: format, lint, types, floors, tail, dead code.
 * Each step must prove that it read the sources: a gate that reads nothing passes everything.
 */
import { spawnSync } from 'node:child_process';
import { globSync, rmSync, writeFileSync } from 'node:fs';
import { oversized } from './check-tail.ts';

interface Step {
  readonly name: string;
  run(): string | undefined;
}

/** Made and taken away by the search for dead code. */
const CANARY = 'src/base/canary-of-dead-code.ts';

const sources = globSync(['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts']);
const product = globSync('src/**/*.ts');

const steps: Step[] = [
  {
    name: 'format',
    run: () => {
      const { output, failed } = run('biome', ['format', '--max-diagnostics=20']);
      return verdict(output, failed, numberBefore(output, /Checked (\d+) files?/), sources.length);
    },
  },
  {
    name: 'lint',
    run: () => {
      const { output, failed } = run('oxlint', ['--type-aware', '--deny-warnings', '.']);
      return verdict(output, failed, numberBefore(output, /on (\d+) files?/), sources.length);
    },
  },
  {
    name: 'types',
    run: () => {
      const { output, failed } = run('tsc', ['--project', '.', '--listFilesOnly']);
      const listed = output.split('\n').filter((line) => sources.some((source) => line.endsWith(`/${source}`))).length;
      if (failed || listed < sources.length) return `tsc would read ${listed} of ${sources.length} files\n${output}`;
      const types = run('tsc', ['--project', '.', '--pretty', 'false']);
      return types.failed ? types.output : undefined;
    },
  },
  {
    name: 'floors',
    run: () => {
      const { output, failed } = run('depcruise', [
        'src',
        '--config',
        '.dependency-cruiser.cjs',
        '--output-type',
        'err',
      ]);
      return verdict(output, failed, numberBefore(output, /\((\d+) modules/), product.length);
    },
  },
  {
    name: 'tail',
    run: () => {
      const findings = oversized(product);
      return findings.length === 0 ? undefined : findings.join('\n');
    },
  },
  {
    name: 'dead code',
    run: () => {
      // knip does not say what it read: a file that nobody uses must be found, and nothing else.
      writeFileSync(CANARY, 'export const nobodyUsesThis = true;\n');
      try {
        const { output } = run('knip', ['--no-progress', '--no-config-hints']);
        const others = output.split('\n').filter((line) => line.trim() !== '' && !line.includes(CANARY));
        if (!output.includes(CANARY)) return `knip did not find ${CANARY}, which nobody uses\n${output}`;
        return others.every((line) => line.startsWith('Unused files (1)')) ? undefined : others.join('\n');
      } finally {
        rmSync(CANARY);
      }
    },
  },
];

if (product.length === 0) throw new Error('check: no source files found; run it at the top of the checkout');
const only = process.argv.slice(2);
let failures = 0;
for (const step of steps) {
  if (only.length > 0 && !only.includes(step.name)) continue;
  const started = performance.now();
  const problem = step.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problem === undefined ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s)`);
  if (problem !== undefined) {
    failures += 1;
    console.log(problem);
  }
}
process.exitCode = failures === 0 ? 0 : 1;

function run(tool: string, args: string[]): { output: string; failed: boolean } {
  const result = spawnSync(`node_modules/.bin/${tool}`, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.error !== undefined) return { output: `${tool}: ${result.error.message}`, failed: true };
  return { output: `${result.stdout}${result.stderr}`, failed: result.status !== 0 };
}

function numberBefore(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? 0);
}

function verdict(output: string, failed: boolean, read: number, expected: number): string | undefined {
  if (failed) return output;
  return read < expected ? `read only ${read} of ${expected} files\n${output}` : undefined;
}
