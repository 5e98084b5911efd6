/** A webhook over TLS, as somebody outside would run it: what it is asked is kept, what it answers a test says. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { KubeObject } from '../../src/api/object.ts';
import type { GroupVersionKind } from '../../src/api/resources.ts';
import { issueCertificate, makeAuthority, type KeyPair } from '../../src/pki/certificates.ts';

const VALID_DAYS = 2;

type ReviewedObject = KubeObject & { data?: Record<string, string> };

/** As much of a review as tests look at: of admission, or of a conversion. */
export interface ReviewRequest {
  readonly uid: string;
  readonly operation?: string;
  readonly dryRun?: boolean;
  readonly kind?: GroupVersionKind;
  readonly requestKind?: GroupVersionKind;
  readonly object?: ReviewedObject | null;
  readonly oldObject?: ReviewedObject | null;
  readonly options?: { readonly kind?: string; readonly dryRun?: readonly string[] };
  readonly desiredAPIVersion?: string;
  readonly objects?: readonly KubeObject[];
}

export interface Review {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: ReviewRequest;
}

/** Answers a review by itself (a raw answer), or returns what the answer is to hold. */
export type HookAnswer = (review: Review, response: ServerResponse) => object | undefined | Promise<object | undefined>;

export interface HookServer {
  readonly port: number;
  /** For `clientConfig`. */
  readonly config: { readonly url: string; readonly caBundle: string };
  readonly reviews: readonly Review[];
  /** Connections that were made to it. */
  readonly connections: number;
  answer: HookAnswer;
  close(): Promise<void>;
}

let authority: Promise<KeyPair> | undefined;

/** Of all webhooks and extension servers of this process. */
function hookAuthority(): Promise<KeyPair> {
  authority ??= makeAuthority('hooks', VALID_DAYS, Date.now());
  return authority;
}

/** A certificate of theirs. */
export async function hookCertificate(...hosts: string[]): Promise<{ cert: string; key: string; caBundle: string }> {
  const ca = await hookAuthority();
  const profile = { commonName: 'hook', hosts, usages: ['server'] as const, validDays: VALID_DAYS };
  const { certPem, keyPem } = await issueCertificate(ca, profile, Date.now());
  return { cert: certPem, key: keyPem, caBundle: Buffer.from(ca.certPem).toString('base64') };
}

/** Its certificate is for 127.0.0.1 and for the service `hook` in the namespace `default`. */
export async function startHookServer(answer: HookAnswer): Promise<HookServer> {
  const { cert, key, caBundle } = await hookCertificate('127.0.0.1', 'hook.default.svc');
  const reviews: Review[] = [];
  const hook = { answer, connections: 0 };
  const server = createServer({ cert, key }, (request, response) => {
    void respond(hook, reviews, request, response);
  });
  server.on('secureConnection', () => (hook.connections += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, '0.0.0.0', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(hook, {
    port,
    config: { url: `https://127.0.0.1:${port}/hook`, caBundle },
    reviews,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function respond(
  hook: { answer: HookAnswer },
  reviews: Review[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const review = (await json(request)) as Review;
  reviews.push(review);
  const answer = await hook.answer(review, response);
  if (answer === undefined) return;
  const { kind, apiVersion } = review;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ kind, apiVersion, response: { uid: review.request.uid, ...answer } }));
}

/** What a mutating webhook answers with these operations of JSON Patch. */
export function patched(...operations: object[]): object {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
