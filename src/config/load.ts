/** File, environment and flags → one checked configuration, or an error that names file, line, key and what was expected. */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { errorCode, messageOf, UserError } from '../base/errors.ts';
import { describeKeys } from './describe.ts';
import { EDGESITE_MODULES, siteSchema, type ModuleName, type SiteConfig } from './schema.ts';
import { isRecord, mergeLayers, overrideLayer, setIn, yamlLayer, type Layer, type Path } from './source.ts';
import { closest } from './suggest.ts';
import { destinationOf, isV1alpha1, V1ALPHA1_KEYS } from './v1alpha1.ts';

export interface ConfigSources {
  /** Path of the file; absent: defaults only. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `key=value` of each `--set`. */
  readonly set: readonly string[];
}

const ENVIRONMENT_PREFIX = 'EDGESITE_';

export async function loadConfig(sources: ConfigSources): Promise<SiteConfig> {
  const layers: Layer[] = [];
  if (sources.file !== undefined) layers.push(fileLayer(sources.file, await readConfigFile(sources.file)));
  layers.push(environmentLayer(sources.environment), flagLayer(sources.set));
  return parse(layers);
}

/** The name of the node, which two keys may say. */
export function nodeNameOf(config: SiteConfig): string {
  return config.edged['hostname-override'] || config.controller.kube['node-name'];
}

/** The parts to run, with the names of EdgeSite's modules.yaml translated. */
export function modulesOf(config: SiteConfig): ReadonlySet<ModuleName> {
  return new Set(
    config.modules.enabled.flatMap((name) =>
      name in EDGESITE_MODULES ? EDGESITE_MODULES[name as keyof typeof EDGESITE_MODULES] : [name as ModuleName],
    ),
  );
}

/** Whether the API server is one outside this process. */
export function usesExternalApi(config: SiteConfig): boolean {
  return config.controller.kube.master !== '' || config.controller.kube.kubeconfig !== '';
}

async function readConfigFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'the file does not exist' : messageOf(error);
    throw new UserError(
      `configuration ${file}: ${why}. --defaultconfig prints a full sample to start from, --minconfig a short one.`,
      { cause: error },
    );
  }
}

function fileLayer(file: string, text: string): Layer {
  const layer = yamlLayer(file, text);
  if (!isRecord(layer.value))
    throw new UserError(`${file}:1: expected a mapping of keys, found ${kindOf(layer.value)}`);
  return isV1alpha1(layer.value) ? fromV1alpha1(layer) : layer;
}

/** Moves the keys of the v1.2 form to their places, remembering where each stood. */
function fromV1alpha1(layer: Layer): Layer {
  const value: Record<string, unknown> = {};
  const origins = new Map<string, Path>();
  for (const [path, leaf] of leavesOf(layer.value, [])) {
    const destination = destinationOf(path);
    if (destination === 'unknown') {
      const key = path.join('.');
      throw new UserError(
        `${layer.locate(path)}: unknown key "${key}" for kind EdgeSite${closest(key, V1ALPHA1_KEYS)}`,
      );
    }
    if (destination === undefined) continue;
    setIn(value, destination, leaf);
    origins.set(destination.join('.'), path);
  }
  const origin = (path: Path): Path | undefined => origins.get(path.join('.'));
  return {
    value,
    locate: (path) => layer.locate(origin(path) ?? path),
    has: (path) => origin(path) !== undefined,
  };
}

function leavesOf(value: unknown, path: readonly string[]): [readonly string[], unknown][] {
  if (!isRecord(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...path, key]));
}

/** `EDGESITE_CONTROLLER__KUBE__NODE_NAME` → `controller.kube.node-name`: `__` parts segments, `_` stands for `-` or `_`. */
function environmentLayer(environment: ConfigSources['environment']): Layer {
  const known = new Map(
    describeKeys()
      .filter(({ type }) => type !== undefined)
      .map(({ key }) => [key.replaceAll('.', '__').replaceAll('-', '_').toUpperCase(), key]),
  );
  const entries = Object.entries(environment).flatMap(([name, text]) => {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined) return [];
    const key = known.get(name.slice(ENVIRONMENT_PREFIX.length));
    // Other programs may own variables of this prefix; one that looks like a key of ours is a mistake worth naming.
    if (key === undefined && !name.includes('__')) return [];
    if (key === undefined) throw new UserError(`environment variable ${name}: there is no such key`);
    return [{ path: key.split('.'), text, name: `environment variable ${name}` }];
  });
  return overrideLayer(entries);
}

function flagLayer(set: readonly string[]): Layer {
  return overrideLayer(
    set.map((assignment) => {
      const equals = assignment.indexOf('=');
      if (equals <= 0) throw new UserError(`--set ${assignment}: expected key=value, such as --set mqtt.mode=1`);
      const key = assignment.slice(0, equals);
      return { path: key.split('.'), text: assignment.slice(equals + 1), name: `--set ${assignment}` };
    }),
  );
}

function parse(layers: readonly Layer[]): SiteConfig {
  const result = siteSchema.safeParse(mergeLayers(layers.map((layer) => layer.value)), { reportInput: true });
  const problems = result.success
    ? impossible(result.data).map(({ path, message }) => at(layers, path, message))
    : result.error.issues.flatMap((issue) => explain(layers, issue));
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return result.data as SiteConfig;
}

/** Values that are fine alone and impossible together. */
function impossible(config: SiteConfig): { path: Path; message: string }[] {
  const problems: { path: Path; message: string }[] = [];
  const { edged, controller } = config;
  const override = edged['hostname-override'];
  if (override !== '' && controller.kube['node-name'] !== 'edge-node' && override !== controller.kube['node-name']) {
    const message = `expected the same name as controller.kube.node-name ("${controller.kube['node-name']}")`;
    problems.push({ path: ['edged', 'hostname-override'], message: `${message}, found "${override}"` });
  }
  if (edged['image-gc-low-threshold'] >= edged['image-gc-high-threshold']) {
    const message = `expected less than image-gc-high-threshold (${edged['image-gc-high-threshold']})`;
    problems.push({ path: ['edged', 'image-gc-low-threshold'], message });
  }
  const { tlsCertFile, tlsPrivateKeyFile } = config.metamanager;
  if ((tlsCertFile === '') !== (tlsPrivateKeyFile === '')) {
    const message = 'expected both tlsCertFile and tlsPrivateKeyFile, or neither';
    problems.push({ path: ['metamanager', tlsCertFile === '' ? 'tlsCertFile' : 'tlsPrivateKeyFile'], message });
  }
  return problems;
}

function explain(layers: readonly Layer[], issue: z.core.$ZodIssue): string[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = describeKeys().map(({ key }) => key);
    return issue.keys.map((name) => {
      const key = [...path, name].join('.');
      return `${place(layers, [...path, name])}: unknown key "${key}"${closest(key, known)}`;
    });
  }
  return [at(layers, path, `${expectation(issue)}, found ${kindOf(issue.input)}`)];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `expected at least ${String(issue.minimum)}`;
    case 'too_big':
      return `expected at most ${String(issue.maximum)}`;
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a whole number',
  string: 'text (put it in quotes)',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys',
};

function at(layers: readonly Layer[], path: Path, message: string): string {
  return `${place(layers, path)}: ${path.join('.')}: ${message}`;
}

function place(layers: readonly Layer[], path: Path): string {
  return layers.findLast((layer) => layer.has(path))?.locate(path) ?? 'configuration';
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a mapping';
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
