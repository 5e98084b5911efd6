import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEncryptionConfiguration } from '../../../src/sealing/configuration.ts';
import { AesGcmSealing } from '../../../src/sealing/aes-gcm-sealing.ts';
import { UserError } from '../../../src/base/errors.ts';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('base64');
const HEAD = 'kind: EncryptionConfiguration\napiVersion: apiserver.config.k8s.io/v1\n';

function sealingOf(path: string, text: string): AesGcmSealing {
  const configuration = parseEncryptionConfiguration(path, text);
  return new AesGcmSealing({ path, configuration, save: () => Promise.resolve() });
}

function sealingWith(keys: readonly [name: string, secret: string][]): AesGcmSealing {
  const listed = keys.map(([name, secret]) => ({ name, secret }));
  const resources = [{ resources: ['secrets'], providers: [{ aesgcm: { keys: listed } }, { identity: {} }] }];
  const text = `${HEAD}resources: ${JSON.stringify(resources)}`;
  return sealingOf('keys.yaml', text);
}

test('what is sealed opens at its place, and nowhere else', () => {
  const sealing = sealingWith([['new', NEW]]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string(), (bytes, key) => {
      const value = sealing.seal('secrets', key, bytes);
      assert.deepEqual(new Uint8Array(sealing.open('secrets', key, value)), bytes);
      assert.throws(() => sealing.open('secrets', `${key}x`, value), UserError);
      assert.throws(() => sealing.open('configmaps', key, value), UserError);
    }),
  );
});

test('a changed byte is noticed, wherever it is', () => {
  const sealing = sealingWith([['new', NEW]]);
  const value = sealing.seal('secrets', 'a/x', Buffer.from('{"kind":"Secret"}'));
  for (let i = 'k8s:enc:aesgcm:v1:new:'.length; i < value.byteLength; i += 1) {
    const changed = Uint8Array.from(value);
    changed[i] = (changed[i] ?? 0) ^ 1;
    assert.throws(() => sealing.open('secrets', 'a/x', changed), /does not open with the key "new" of keys\.yaml/);
  }
});

test('the first key writes, all of them read; other resources stay as they are', () => {
  const old = sealingWith([['old', OLD]]).seal('secrets', 'a/x', Buffer.from('content'));
  const rotated = sealingWith([
    ['new', NEW],
    ['old', OLD],
  ]);
  assert.equal(Buffer.from(rotated.open('secrets', 'a/x', old)).toString(), 'content');
  assert.equal(rotated.isCurrent('secrets', old), false);
  const anew = rotated.seal('secrets', 'a/x', Buffer.from('content'));
  assert.match(Buffer.from(anew).toString('latin1'), /^k8s:enc:aesgcm:v1:new:/);
  assert.equal(rotated.isCurrent('secrets', anew), true);
  assert.equal(Buffer.from(rotated.seal('configmaps', 'a/x', Buffer.from('{}'))).toString(), '{}');
  assert.throws(
    () => sealingWith([['new', NEW]]).open('secrets', 'a/x', old),
    /the key "old", which keys\.yaml does not/,
  );
});

test('with identity first, nothing more is sealed, and what was sealed still opens', () => {
  const providers = [{ identity: {} }, { aesgcm: { keys: [{ name: 'old', secret: OLD }] } }];
  const text = `${HEAD}resources: ${JSON.stringify([{ resources: ['secrets'], providers }])}`;
  const sealing = sealingOf('k', text);
  const old = sealingWith([['old', OLD]]).seal('secrets', 'a/x', Buffer.from('content'));
  assert.equal(sealing.seals('secrets'), false);
  assert.equal(sealing.isCurrent('secrets', old), false);
  assert.equal(Buffer.from(sealing.open('secrets', 'a/x', old)).toString(), 'content');
});

const provider = (keys: string): string =>
  `resources: [{resources: [secrets], providers: [{aesgcm: {keys: ${keys}}}]}]`;
const MISTAKES: readonly [name: string, text: string, message: RegExp][] = [
  ['no YAML', '{', /^f: this is not YAML: /],
  ['another kind', 'kind: Config', /^f: expected kind EncryptionConfiguration of apiVersion apiserver\.config/],
  ['no resources', HEAD, /^f: resources: expected a list that is not empty/],
  [
    'an unknown provider',
    `${HEAD}resources: [{resources: [secrets], providers: [{kms: {}}]}]`,
    /unknown provider "kms"/,
  ],
  ['a wildcard', `${HEAD}resources: [{resources: ['*.*'], providers: [{identity: {}}]}]`, /without wildcards/],
  ['no keys', `${HEAD}${provider('[]')}`, /providers\[0\]\.aesgcm\.keys: expected a list that is not empty/],
  [
    'a short key',
    `${HEAD}${provider('[{name: a, secret: c2hvcnQ=}]')}`,
    /keys\[0\]\.secret: expected 16, 24 or 32 bytes/,
  ],
  ['a colon in a name', `${HEAD}${provider(`[{name: 'a:b', secret: ${OLD}}]`)}`, /keys\[0\]\.name: expected letters/],
  [
    'one name for two keys',
    `${HEAD}${provider(`[{name: a, secret: ${OLD}}, {name: a, secret: ${NEW}}]`)}`,
    /two keys have the name "a"/,
  ],
];

for (const [name, text, message] of MISTAKES) {
  test(`a file with ${name} is refused with its place`, () => {
    assert.throws(
      () => parseEncryptionConfiguration('f', text),
      (error: unknown) => error instanceof UserError && message.test(error.message),
    );
  });
}
