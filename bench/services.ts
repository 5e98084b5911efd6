/** What services cost: the plan of 500 of them, and their rules in a packet filter of their own (a network namespace). */
import { execFileSync, spawnSync } from 'node:child_process';
import type { EndpointSlice, Service } from '../src/api/kinds.ts';
import { ChainNames } from '../src/network/proxy/chain-names.ts';
import { planRules } from '../src/network/proxy/plan-rules.ts';
import { readTable, restoreInput, type RuleSet, TABLES } from '../src/network/proxy/rule-set.ts';
import { routesOf } from '../src/network/proxy/service-route.ts';
import type { Surroundings } from '../src/network/proxy/surroundings.ts';
import { type Figure, median } from './table.ts';

const SERVICES = 500;
const ENDPOINTS = 4;
const ROUNDS = 15;
const NAMESPACE = `edgesite-bench-${process.pid}`;
const SURROUNDINGS: Surroundings = {
  names: new ChainNames('be4c4000'),
  pods: { cidr: '10.200.0.0/22', filtered: true },
  dockerUser: false,
  zones: new Map(),
};

interface Sample {
  readonly service: Service;
  readonly slice: EndpointSlice;
}

export function measureServices(): Figure[] {
  const samples = Array.from({ length: SERVICES }, (_, index) => sample(index, ENDPOINTS));
  const changed = samples.with(250, sample(250, ENDPOINTS - 1));
  const rules = planOf(samples);
  const count = TABLES.flatMap((table) => [...rules[table].chains.values()]).reduce(
    (sum, each) => sum + each.length,
    0,
  );
  const planMs = median(Array.from({ length: ROUNDS }, () => timed(() => planOf(samples))));
  execFileSync('ip', ['netns', 'add', NAMESPACE]);
  try {
    const firstMs = timed(() => restore(rules));
    const changeMs = median(
      Array.from({ length: ROUNDS }, (_, round) => {
        const [before, after] = round % 2 === 0 ? [samples, changed] : [changed, samples];
        const known = planOf(before);
        return timed(() => restore(planOf(after), known));
      }),
    );
    const checkMs = median(Array.from({ length: ROUNDS }, () => timed(look)));
    return [
      { name: `plan of ${SERVICES} services with ${ENDPOINTS} endpoints (${count} rules)`, value: ms(planMs), aim: '' },
      { name: 'all of them into an empty packet filter', value: ms(firstMs), aim: '' },
      { name: 'an endpoint goes: plan and packet filter', value: ms(changeMs), aim: '' },
      { name: 'the look whether all is in place, once a minute', value: ms(checkMs), aim: '' },
    ];
  } finally {
    execFileSync('ip', ['netns', 'delete', NAMESPACE]);
  }
}

function sample(index: number, endpoints: number): Sample {
  const clusterIP = `10.96.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const ports = [{ name: 'http', port: 80 }];
  const addresses = Array.from({ length: endpoints }, (_, n) => [`10.200.${n}.${(index % 250) + 1}`]);
  return {
    service: {
      metadata: { name: `s${index}`, namespace: 'bench' },
      spec: { clusterIP, clusterIPs: [clusterIP], ports },
    },
    slice: {
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: addresses.map((each) => ({ addresses: each, nodeName: 'edge-node' })),
    },
  };
}

function planOf(samples: readonly Sample[]): RuleSet {
  const routes = samples.flatMap(({ service, slice }) => routesOf(service, [slice], 'edge-node'));
  return planRules(routes, SURROUNDINGS);
}

function restore(rules: RuleSet, before?: RuleSet): void {
  for (const table of TABLES) {
    const chains = before?.[table].chains;
    const sizes = new Map([...(chains ?? [])].map(([name, each]) => [name, each.length]));
    const found = { sizes, jumps: before?.[table].jumps ?? [], others: new Set<string>() };
    const input = restoreInput(table, rules[table], found, chains);
    if (input !== undefined) inNamespace('iptables-restore', ['--noflush'], input);
  }
}

function look(): void {
  for (const table of TABLES) readTable(inNamespace('iptables-save', ['-t', table]), SURROUNDINGS.names.prefix);
}

function inNamespace(program: string, args: readonly string[], input = ''): string {
  const options = { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const;
  const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', NAMESPACE, program, ...args], options);
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
