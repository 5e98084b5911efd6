import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { after, before, test } from 'node:test';
import { silentLogger } from '../../../src/base/logger.ts';
import { HttpServer, type Peer } from '../../../src/http/index.ts';
import { issueCertificate, type KeyPair } from '../../../src/pki/certificates.ts';
import { testPki } from '../../support/pki.ts';

const profile = { commonName: 'server', hosts: ['127.0.0.1'], usages: ['server'] as const, validDays: 1 };
let authority: KeyPair;
let client: KeyPair;
let server: HttpServer;
const peers: Peer[] = [];

const tlsOf = ({ certPem, keyPem }: KeyPair) => ({ cert: certPem, key: keyPem, clientCa: authority.certPem });

before(async () => {
  const pki = await testPki();
  ({ authority, admin: client } = pki);
  server = new HttpServer({
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    tls: tlsOf(await issueCertificate(authority, profile, Date.now())),
    handler: {
      handle: (_request, peer) => {
        peers.push(peer);
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('ok') });
      },
    },
    logger: silentLogger,
  });
  await server.start(new AbortController().signal);
});
after(() => server.close());

/** The serial number of the certificate that a new connection sees, with one of the client's own. */
async function connected(): Promise<string> {
  const outgoing = request({
    host: '127.0.0.1',
    port: server.port,
    ca: authority.certPem,
    cert: client.certPem,
    key: client.keyPem,
    agent: false,
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  const { serialNumber } = (incoming.socket as TLSSocket).getPeerCertificate();
  await once(incoming, 'close');
  return serialNumber;
}

test('new connections see the new certificate, and clients are asked for theirs as before', async () => {
  const before = await connected();
  server.renewTls(tlsOf(await issueCertificate(authority, profile, Date.now())));
  const renewed = await connected();
  assert.notEqual(renewed, before);
  for (const { certificate } of peers) {
    assert.equal(certificate?.commonName, 'admin');
    assert.equal(certificate.authorized, true);
  }
  assert.equal(peers.length, 2);
});
