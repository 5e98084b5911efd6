// The floors of docs/architecture.md: a file imports only from floors below its own, never from a neighbour.
const FLOORS = [
  ['base'],
  ['api'],
  ['auth', 'client', 'edgestore', 'http', 'pki', 'sealing', 'config'],
  [
    'apiserver',
    'certificates',
    'controllers',
    'scheduler',
    'edged',
    'metaserver',
    'mqtt',
    'devicetwin',
    'devices',
    'rules',
    'mappers',
    'network',
    'console',
  ],
  ['site'],
  ['cli'],
];

/** One door per outside library: only files below the folder may import it. */
const DOORS = {
  'better-sqlite3': ['base/sqlite'],
  fastify: ['http'],
  dockerode: ['edged/docker'],
  'dns-packet': ['network/dns/dns-message'],
  mqtt: ['mqtt'],
  pino: ['base'],
  commander: ['cli'],
  '@marcbachmann/cel-js': ['apiserver/cel'],
  '@grpc/grpc-js': ['mappers/dmi/grpc'],
  '@grpc/proto-loader': ['mappers/dmi/grpc'],
  jsmodbus: ['mappers/modbus/modbus-link'],
  re2js: ['apiserver/cel'],
  ws: ['http', 'edged/streaming', 'client', 'mqtt'],
};

const floorRules = FLOORS.flatMap((floor, level) =>
  floor.map((folder) => ({
    name: `floor-${level}-${folder}`,
    comment: `src/${folder} may import only itself and floors below ${level}`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: {
      path: '^src/',
      pathNot: [
        `^src/${folder}/`,
        ...FLOORS.slice(0, level)
          .flat()
          .map((below) => `^src/${below}/`),
      ],
    },
  })),
);

const doorRules = Object.entries(DOORS).map(([library, folders]) => ({
  name: `door-${library}`,
  comment: `${library} is imported only in ${folders.map((folder) => `src/${folder}`).join(', ')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: folders.map((folder) => `^src/${folder}[./]`) },
  to: { path: `node_modules/${library}/`, dependencyTypesNot: ['type-only'] },
}));

const moduleDoors = FLOORS.slice(2, 4)
  .flat()
  .map((folder) => ({
    name: `index-${folder}`,
    comment: `outsiders import src/${folder}/index.ts`,
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${folder}/` },
    to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/index\\.ts$` },
  }));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floorRules,
    ...doorRules,
    ...moduleDoors,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|generated)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
