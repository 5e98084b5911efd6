/** Bundles the program for release: one file loads faster and smaller than hundreds. */
import { readFileSync, rmSync } from 'node:fs';
import { build, type Plugin } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** Parts of packages that nothing here calls; they would be a fifth of the bundle. */
const UNUSED: readonly RegExp[] = [
  // The messages of zod in forty languages; English is imported by itself.
  /zod\/v4\/locales\/index\.js$/,
  // Image builds of dockerode over gRPC.
  /dockerode\/lib\/session\.js$/,
];

const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(bundler) {
    for (const filter of UNUSED) bundler.onLoad({ filter }, () => ({ contents: 'export {};' }));
  },
};

// What Node compiled of the last bundle (see the launcher) is of no use to the next.
rmSync('dist/cache', { recursive: true, force: true });

await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/edgesite.mjs',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Native code stays where npm put it, and what few sites load (gRPC); the rest goes into the bundle.
  external: ['better-sqlite3', 'cpu-features', 'ssh2', '@grpc/grpc-js', '@grpc/proto-loader'],
  define: { EDGESITE_VERSION: JSON.stringify(version) },
  // CommonJS packages in an ES module still ask for require, __dirname and __filename.
  banner: {
    js: [
      "import { createRequire as edgesiteRequire } from 'node:module';",
      'const require = edgesiteRequire(import.meta.url);',
      'const __filename = import.meta.filename;',
      'const __dirname = import.meta.dirname;',
    ].join('\n'),
  },
  plugins: [withoutUnused],
  // Source text stays in memory as long as the process. Names are kept: stack traces are read by people.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
});
