/** A thousand requests that no server may accept, as bytes. What varies is drawn from a seed. */

/** What the client does once it has sent its bytes. */
type Ending = 'waits' | 'half-closes' | 'aborts' | 'stalls';

export interface MalformedRequest {
  readonly name: string;
  /** Sent one after the other, with a pause between. */
  readonly parts: readonly Buffer[];
  readonly ending: Ending;
}

interface Shape {
  readonly method?: string;
  readonly path?: string;
  readonly type?: string;
  readonly headers?: readonly string[];
  readonly ending?: Ending;
}

const CONFIG_MAPS = '/api/v1/namespaces/fuzz/configmaps';
const VICTIM = `${CONFIG_MAPS}/victim`;
const JSON_TYPE = 'application/json';
const DEPTH = 100_000;
const MIB = 1024 * 1024;
const VALID = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'stored', namespace: 'fuzz', labels: { app: 'fuzz' } },
  data: { text: 'value', more: 'of "it"' },
});
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** At least a thousand. `random` gives 0 ≤ x < 1. */
export function malformedRequests(random: () => number): MalformedRequest[] {
  return [
    ...cutJson(),
    ...spoiltJson(random),
    ...deepNesting(),
    ...hugeNumbers(),
    ...invalidText(),
    ...wrongLengths(),
    ...nonsenseChunks(random),
    ...headerBombs(),
    ...randomBytes(random),
    ...unfinished(),
  ];
}

/** Every beginning of a valid body. */
function cutJson(): MalformedRequest[] {
  return Array.from({ length: VALID.length }, (_, length) => post(`cut at ${length}`, VALID.slice(0, length)));
}

/** A valid body with a byte that JSON does not have anywhere. */
function spoiltJson(random: () => number): MalformedRequest[] {
  return Array.from({ length: 300 }, (_, i) => {
    const bytes = Buffer.from(VALID);
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 0x20);
    if (i % 3 === 0) return post(`spoilt ${i}`, Buffer.concat([bytes, Buffer.from('}')]));
    return post(`spoilt ${i}`, Buffer.concat([Buffer.from([0x01]), bytes]));
  });
}

function deepNesting(): MalformedRequest[] {
  const bodies = ['['.repeat(DEPTH), '{"a":'.repeat(DEPTH), `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`];
  const deep = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"stored"},"data":{"a":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}}`;
  const types = [JSON_TYPE, 'application/yaml'];
  return [
    ...types.flatMap((type) => [...bodies, deep].map((body, i) => post(`nested ${type} ${i}`, body, { type }))),
    ...PATCH_TYPES.flatMap((type) =>
      bodies.map((body, i) => post(`nested ${type} ${i}`, body, { method: 'PATCH', path: VICTIM, type })),
    ),
    post('aliases of aliases', aliasBomb(), { type: 'application/yaml' }),
  ];
}

function aliasBomb(): string {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i += 1) {
    lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(',')}]`);
  }
  return lines.join('\n');
}

function hugeNumbers(): MalformedRequest[] {
  const numbers = [
    '1e400',
    '-1e400',
    '9'.repeat(400),
    '9'.repeat(100_000),
    '1.5',
    '9223372036854775808',
    '1e-400x',
    '0x10',
  ];
  const replicas = (number: string): string =>
    `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"stored"},"spec":{"replicas":${number}}}`;
  const deployments = '/apis/apps/v1/namespaces/fuzz/deployments';
  return [
    ...numbers.map((number) => post(`replicas ${number.slice(0, 20)}`, replicas(number), { path: deployments })),
    ...['limit=1e9', 'limit=99999999999999999999', 'resourceVersion=-1', 'resourceVersion=1e400', 'continue=%00'].map(
      (query) => request(`?${query}`, '', { method: 'GET', path: `${CONFIG_MAPS}?${query}` }),
    ),
  ];
}

function invalidText(): MalformedRequest[] {
  const bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc3]].map((each) =>
    Buffer.from(each),
  );
  const around = (before: string, middle: Buffer, after: string): Buffer =>
    Buffer.concat([Buffer.from(before), middle, Buffer.from(after)]);
  return bad.flatMap((bytes, i) => [
    post(`text ${i} as a name`, around('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"', bytes, '"}}')),
    post(`text ${i} between`, around('{"apiVersion":"v1",', bytes, '"kind":"ConfigMap"}')),
    post(`text ${i} before`, around('', bytes, VALID)),
    post(
      `text ${i} as a key`,
      around('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Bad Name","', bytes, '":1}}'),
    ),
    post(`text ${i} in a path`, VALID, {
      path: `/api/v1/namespaces/%${[...bytes].map((b) => b.toString(16)).join('%')}/configmaps`,
    }),
  ]);
}

function wrongLengths(): MalformedRequest[] {
  const body = Buffer.from(VALID);
  const lengths = ['-1', 'x', '1e3', '0x10', '99999999999999999999', '+5', '5 5', '5, 6', ''];
  const over = [1, 100, 1_000_000, 4 * MIB].map((more) => String(body.length + more));
  return [
    ...lengths.map((length) => raw(`length ${length}`, head({}, [`Content-Length: ${length}`]), body)),
    ...over.map((length) =>
      raw(`length ${length} for ${body.length}`, head({}, [`Content-Length: ${length}`]), body, 'half-closes'),
    ),
    ...[1, 2, 10, body.length - 1].map((length) =>
      raw(`length ${length} of more`, head({}, [`Content-Length: ${length}`]), body),
    ),
    raw('two lengths', head({}, ['Content-Length: 5', 'Content-Length: 6']), body),
    raw('length and chunks', head({}, ['Content-Length: 5', 'Transfer-Encoding: chunked']), body),
    post('more than a request may have', Buffer.alloc(3 * MIB + 1, 0x20)),
    post('far more than a request may have', Buffer.alloc(8 * MIB, 0x5b)),
  ];
}

function nonsenseChunks(random: () => number): MalformedRequest[] {
  const chunks = [
    'zz\r\n{}\r\n0\r\n\r\n',
    '-1\r\n{}\r\n',
    'ffffffffffffffffff\r\n{}',
    '5\r\n{}\r\n0\r\n\r\n',
    '2\r\n{}',
    '\r\n\r\n',
    '0\n\n\0',
  ];
  const drawn = Array.from({ length: 60 }, () =>
    Buffer.from(Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.floor(random() * 256))).toString(
      'latin1',
    ),
  );
  return [...chunks, ...drawn].map((text, i) =>
    raw(`chunks ${i}`, head({}, ['Transfer-Encoding: chunked']), Buffer.from(text, 'latin1'), 'half-closes'),
  );
}

function headerBombs(): MalformedRequest[] {
  const get = { method: 'GET', path: '/api' };
  const many = Array.from({ length: 20_000 }, (_, i) => `X-${i}: y`);
  return [
    raw('a long header', head(get, [`X-Long: ${'y'.repeat(200_000)}`])),
    raw('many headers', head(get, many)),
    raw('a long path', head({ method: 'GET', path: `/${'a'.repeat(200_000)}` })),
    raw('a zero byte', head(get, ['X-Zero: \0'])),
    raw('a bare line feed', Buffer.from('GET /api HTTP/1.1\nHost: x\nX: \n y\n\n')),
    raw('another protocol', Buffer.from('GET /api HTTP/9.9\r\n\r\n')),
    raw('no method', Buffer.from('/api\r\n\r\n')),
    raw('no request', Buffer.alloc(100_000, 0x41)),
  ];
}

/** Bodies of protobuf, JSON, YAML and patches, and whole requests, out of nothing. */
function randomBytes(random: () => number): MalformedRequest[] {
  const drawn = (): Buffer =>
    Buffer.from(Array.from({ length: 1 + Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
  const magic = Buffer.from('6b387300', 'hex');
  return Array.from({ length: 70 }, (_, i) => [
    post(`protobuf ${i}`, drawn(), { type: 'application/vnd.kubernetes.protobuf' }),
    post(`protobuf behind its magic ${i}`, Buffer.concat([magic, drawn()]), {
      type: 'application/vnd.kubernetes.protobuf',
    }),
    post(`random JSON ${i}`, drawn()),
    post(`random patch ${i}`, drawn(), {
      method: 'PATCH',
      path: VICTIM,
      type: PATCH_TYPES[i % PATCH_TYPES.length] ?? '',
    }),
    raw(`random request ${i}`, drawn(), Buffer.from('\r\n\r\n'), 'half-closes'),
  ]).flat();
}

function unfinished(): MalformedRequest[] {
  const half = Buffer.alloc(MIB, 0x20);
  const start = head({}, [`Content-Length: ${2 * MIB}`]);
  const dribble = Array.from({ length: 40 }, (_, i) => Buffer.from(VALID.slice(i, i + 1)));
  return [
    ...Array.from({ length: 40 }, (_, i) => raw(`upload ${i} that is aborted`, start, half, 'aborts')),
    ...Array.from({ length: 40 }, (_, i) => ({
      name: `slow body ${i}`,
      parts: [head({}, [`Content-Length: ${VALID.length}`]), ...dribble],
      ending: 'stalls' as const,
    })),
    ...Array.from({ length: 20 }, (_, i) =>
      raw(`head ${i} that never ends`, start.subarray(0, 40), Buffer.alloc(0), 'stalls'),
    ),
  ];
}

function post(name: string, body: string | Buffer, shape: Shape = {}): MalformedRequest {
  return request(name, body, shape);
}

function request(name: string, body: string | Buffer, shape: Shape): MalformedRequest {
  const bytes = Buffer.from(body);
  return raw(name, head(shape, [`Content-Length: ${bytes.length}`]), bytes, shape.ending ?? 'waits');
}

function raw(name: string, first: Buffer, body: Buffer = Buffer.alloc(0), ending: Ending = 'waits'): MalformedRequest {
  return { name, parts: [Buffer.concat([first, body])], ending };
}

function head(
  { method = 'POST', path = CONFIG_MAPS, type = JSON_TYPE, headers = [] }: Shape,
  more: readonly string[] = [],
): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: site',
    'Connection: close',
    `Content-Type: ${type}`,
    ...headers,
    ...more,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
