import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  pathSegmentErrors,
  prefixErrors,
  qualifiedNameErrors,
} from '../../../src/api/names.ts';

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const part =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

test('names are judged in the words of upstream', () => {
  assert.deepEqual(dns1123SubdomainErrors('a.b-c'), []);
  assert.deepEqual(dns1123SubdomainErrors('Bad_Name'), [subdomain]);
  assert.deepEqual(dns1123SubdomainErrors('a'.repeat(254)), ['must be no more than 253 characters']);
  assert.deepEqual(dns1123LabelErrors('a.b'), ['must not contain dots']);
  assert.deepEqual(dns1123LabelErrors('Bad_V'), [label]);
  assert.match(dns1035LabelErrors('1a')[0] ?? '', /^a DNS-1035 label must .*'my-name',  or 'abc-123'/);
  assert.deepEqual(labelValueErrors(''), []);
  assert.deepEqual(labelValueErrors('a'.repeat(64)), ['must be no more than 63 bytes']);
  assert.deepEqual(configKeyErrors('..a'), ["must not start with '..'"]);
  assert.deepEqual(pathSegmentErrors('system:node'), []);
  assert.deepEqual(pathSegmentErrors('a/b%'), ["may not contain '/'", "may not contain '%'"]);
  assert.deepEqual(prefixErrors(dns1123LabelErrors, 'web-'), []);
});

test('qualified names have a name and perhaps a prefix', () => {
  assert.deepEqual(qualifiedNameErrors('example.com/a_b'), []);
  assert.deepEqual(qualifiedNameErrors('til~de'), [`name part ${part}`]);
  assert.deepEqual(qualifiedNameErrors(''), ['name part must be non-empty', `name part ${part}`]);
  assert.deepEqual(qualifiedNameErrors('/a'), ['prefix part must be non-empty']);
  assert.deepEqual(qualifiedNameErrors('A/a'), [`prefix part ${subdomain}`]);
  assert.deepEqual(qualifiedNameErrors('a/b/c'), [
    `a valid label key ${part} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
  ]);
});
