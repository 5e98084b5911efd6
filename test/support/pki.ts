/** Certificates for tests: made once for each process, taken away at its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSitePki, type SitePki } from '../../src/pki/index.ts';

let made: Promise<SitePki> | undefined;

export function testPki(): Promise<SitePki> {
  made ??= make();
  return made;
}

async function make(): Promise<SitePki> {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-pki-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return await makePki(folder);
}

/** Those of the folder, where it holds some. */
export async function makePki(folder: string): Promise<SitePki> {
  const hosts = ['127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default', '10.96.0.1'];
  return await loadSitePki({
    folder,
    nodeName: 'edge-node',
    apiHosts: hosts,
    nodeHosts: [...hosts, 'edge-node'],
    now: Date.now(),
  });
}
