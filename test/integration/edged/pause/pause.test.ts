import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PAUSE_BINARIES } from '../../../../src/edged/pause/pause-binaries.ts';
import { PAUSE_IMAGE, pauseImageTar } from '../../../../src/edged/pause/pause-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'pause-'));
const program = join(folder, 'pause');
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
writeFileSync(program, Buffer.from(PAUSE_BINARIES[architecture], 'base64'));
chmodSync(program, 0o755);
after(() => rmSync(folder, { recursive: true }));

const MACHINE = { amd64: 62, arm64: 183 };

for (const name of ['amd64', 'arm64'] as const) {
  test(`the shipped binary for ${name} is a small static ELF of that machine`, () => {
    const binary = Buffer.from(PAUSE_BINARIES[name], 'base64');
    assert.equal(binary.subarray(0, 4).toString('latin1'), '\x7fELF');
    assert.equal(binary.readUInt16LE(18), MACHINE[name]);
    assert.ok(binary.length < 4096, `${binary.length} bytes`);
  });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`pause ends with 0 on ${signal}`, { timeout: 60_000 }, async () => {
    const child = spawn(program);
    await once(child, 'spawn');
    await waits(child.pid!);
    child.kill(signal);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
}

/** A signal counts only once the program waits for it: it sleeps nowhere else (field 3 of its stat). */
async function waits(pid: number): Promise<void> {
  while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') S ')) await setImmediate();
}

async function serve(host: string, serveOne: (socket: Socket) => void): Promise<[Server, number]> {
  const server = createServer({ allowHalfOpen: true }, serveOne);
  server.listen(0, host);
  await once(server, 'listening');
  return [server, (server.address() as AddressInfo).port];
}

/** Runs `pause forward` with `input` as its stdin and returns what came out. */
async function forward(port: number, input: Buffer): Promise<Buffer> {
  const child = spawn(program, ['forward', String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

for (const host of ['127.0.0.1', '::1']) {
  test(`forward answers after the client has sent its last byte (${host})`, async () => {
    const [server, port] = await serve(host, (socket) => {
      let received = 0;
      socket.on('data', (chunk) => (received += chunk.length));
      socket.on('end', () => socket.end(`got ${received}`));
    });
    assert.equal((await forward(port, Buffer.alloc(3_000_000, 'x'))).toString(), 'got 3000000');
    server.close();
  });
}

test('forward copies both ways at once', async () => {
  const [server, port] = await serve('127.0.0.1', (socket) => socket.pipe(socket));
  const sent = Buffer.from(Array.from({ length: 5_000_000 }, (_, index) => index % 251));
  assert.ok((await forward(port, sent)).equals(sent));
  server.close();
});

test('forward to a closed port says so and fails', async () => {
  const [server, port] = await serve('127.0.0.1', () => undefined);
  server.close();
  await once(server, 'close');
  const { status, stderr } = spawnSync(program, ['forward', String(port)], { encoding: 'utf8' });
  assert.deepEqual({ status, stderr }, { status: 1, stderr: 'connection refused\n' });
});

test('anything else is refused', () => {
  for (const args of [['forward'], ['forward', '0'], ['forward', '65536'], ['forward', '8x'], ['help']]) {
    assert.equal(spawnSync(program, args).status, 2, args.join(' '));
  }
});

test('the image loads into Docker, runs and stops at once', async () => {
  const tar = await pauseImageTar(architecture);
  assert.ok(tar.equals(await pauseImageTar(architecture)), 'the archive is the same each time');
  const loaded = spawnSync('docker', ['load'], { input: tar, encoding: 'utf8' });
  assert.equal(loaded.stdout, `Loaded image: ${PAUSE_IMAGE}\n`, loaded.stderr);
  const { stdout } = spawnSync('docker', ['run', '-d', '--label', 'edgesite.io/test=pause', PAUSE_IMAGE], {
    encoding: 'utf8',
  });
  const id = stdout.trim();
  try {
    assert.equal(spawnSync('docker', ['exec', id, '/pause', 'forward', '1'], { encoding: 'utf8' }).status, 1);
    const started = performance.now();
    spawnSync('docker', ['stop', '--time', '30', id]);
    assert.ok(performance.now() - started < 10_000, 'SIGTERM was enough');
    const state = spawnSync('docker', ['inspect', '-f', '{{.State.ExitCode}}', id], { encoding: 'utf8' });
    assert.equal(state.stdout.trim(), '0');
  } finally {
    spawnSync('docker', ['rm', '-f', id]);
  }
});
