import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { checksOf } from './field-errors.ts';

const attachments = checksOf('storage.k8s.io/v1', 'volumeattachments');

const SPEC = { attacher: 'csi.example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } };

function attachment(change: object = {}, status: object = { attached: false }) {
  return { metadata: { name: 'a' }, spec: { ...SPEC, ...change }, status };
}

const inline = (inlineVolumeSpec: object) => attachment({ source: { inlineVolumeSpec } });

test('an attachment names its attacher, its node and one volume', () => {
  const one = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  const path = 'spec.source.inlineVolumeSpec';
  const csi = { driver: 'd', volumeHandle: 'h' };
  const context = 'in the context of inline volumes';
  const table: [KubeObject, string[]][] = [
    [attachment(), []],
    [attachment({ attacher: '' }), ['spec.attacher: Required value', 'spec.attacher: Required value']],
    [attachment({ attacher: 'a'.repeat(64) }), ['spec.attacher: Too long: may not be more than 63 bytes']],
    [attachment({ source: {} }), [`spec.source: Required value: ${one}`]],
    [attachment({ source: { persistentVolumeName: 'v', inlineVolumeSpec: {} } }), [`spec.source: Forbidden: ${one}`]],
    [inline({ csi, accessModes: ['ReadWriteOnce'] }), []],
    [
      inline({ capacity: { storage: '1' }, accessModes: ['ReadWriteOnce'] }),
      [
        `${path}.capacity: Forbidden: may not be specified ${context}`,
        `${path}.csi: Required value: has to be specified ${context}`,
      ],
    ],
    [inline({ csi }), [`${path}.accessModes: Required value`]],
    [
      attachment({}, { attachError: { errorCode: -1 } }),
      ['status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
    ],
    [
      attachment({}, { detachError: { message: 'x'.repeat(1025) } }),
      ['status.detachError.message: Too long: may not be more than 262144 bytes'],
    ],
    [
      attachment({}, { attachmentMetadata: { k: 'x'.repeat(262_144) } }),
      ['status.attachmentMetadata: Too long: may not be more than 262144 bytes'],
    ],
  ];
  for (const [object, errors] of table) assert.deepEqual(attachments.created(object), errors);
  assert.deepEqual(
    attachments.created(attachment({ nodeName: '' })).map((text) => text.slice(0, 33)),
    ['spec.nodeName: Invalid value: "":'],
  );
});

test('the spec of an attachment does not change', () => {
  assert.deepEqual(attachments.updated(attachment(), attachment()), []);
  assert.deepEqual(attachments.updated(attachment({ nodeName: 'm' }), attachment()), [
    'spec: Invalid value: {"Attacher":"csi.example.com","Source":{"PersistentVolumeName":"v","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable',
  ]);
});
