/** What a node says of its use of processor and memory at `/metrics/resource`: the text format of Prometheus. Pure. */

/** One look at a node, a pod's container, or the like. */
export interface Counter {
  /** Milliseconds since the epoch at which the node looked. */
  readonly time: number;
  /** Absent where it runs since before anybody counted: nodes. */
  readonly startedAt?: number;
  /** Spent since the start, in core-seconds. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

export interface ResourceSample {
  readonly node: Counter | undefined;
  /** The containers of pods, by `namespace/name`. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, Counter>>;
}

/** What is put together while lines are read. */
type Draft = { -readonly [K in keyof Counter]?: Counter[K] };

const LINE = /^(\w+)(?:\{([^}]*)\})? (\S+)(?: (\d+))?$/;
const LABEL = /(\w+)="([^"]*)"/g;

const FIELDS: Readonly<Record<string, (draft: Draft, value: number, time: number) => void>> = {
  cpu_usage_seconds_total: (draft, value, time) => {
    draft.cpuSeconds = value;
    draft.time = time;
  },
  memory_working_set_bytes: (draft, value) => {
    draft.memoryBytes = value;
  },
  start_time_seconds: (draft, value) => {
    draft.startedAt = Math.round(value * 1000);
  },
};

/** `readAt`: when the text was read, for values that come without a time. Lines that are not understood are left out. */
export function parseResourceMetrics(text: string, readAt: number): ResourceSample {
  const node: Draft = {};
  const pods = new Map<string, Map<string, Draft>>();
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = '', time] = LINE.exec(line) ?? [];
    const [, subject, field = ''] = /^(node|container)_(.*)$/.exec(name) ?? [];
    const set = FIELDS[field];
    if (set === undefined || !Number.isFinite(Number(value))) continue;
    const draft = subject === 'node' ? node : containerIn(pods, labels);
    set(draft, Number(value), time === undefined ? readAt : Number(time));
  }
  return { node: complete(node), pods: new Map([...pods].map(([pod, drafts]) => [pod, completeAll(drafts)])) };
}

function containerIn(pods: Map<string, Map<string, Draft>>, labels: string): Draft {
  const of = Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', value = '']) => [key, value]));
  const { namespace = '', pod = '', container = '' } = of;
  const containers = pods.get(`${namespace}/${pod}`) ?? new Map<string, Draft>();
  pods.set(`${namespace}/${pod}`, containers);
  const draft = containers.get(container) ?? {};
  containers.set(container, draft);
  return draft;
}

function completeAll(drafts: ReadonlyMap<string, Draft>): Map<string, Counter> {
  const whole = new Map<string, Counter>();
  for (const [name, draft] of drafts) {
    const counter = complete(draft);
    if (counter !== undefined) whole.set(name, counter);
  }
  return whole;
}

function complete({ time, cpuSeconds, memoryBytes, startedAt }: Draft): Counter | undefined {
  if (time === undefined || cpuSeconds === undefined || memoryBytes === undefined) return undefined;
  return { time, cpuSeconds, memoryBytes, ...(startedAt === undefined ? {} : { startedAt }) };
}
