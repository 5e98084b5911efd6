import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from '../../../src/edged/images/image-reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

const good: [text: string, repository: string, tag: string, full: string][] = [
  ['nginx', 'docker.io/library/nginx', 'latest', 'nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx', '1.27', 'nginx:1.27'],
  ['team/app', 'docker.io/team/app', 'latest', 'team/app:latest'],
  ['localhost/app:1', 'localhost/app', '1', 'localhost/app:1'],
  ['registry.example:5000/a/b', 'registry.example:5000/a/b', 'latest', 'registry.example:5000/a/b:latest'],
  [`nginx@${DIGEST}`, 'docker.io/library/nginx', '', `nginx@${DIGEST}`],
  [`nginx:1@${DIGEST}`, 'docker.io/library/nginx', '1', `nginx:1@${DIGEST}`],
];

for (const [text, repository, tag, full] of good) {
  test(`${text} is an image`, () => {
    const reference = parseImageReference(text);
    assert.deepEqual([reference?.repository, reference?.tag, reference?.full], [repository, tag, full]);
  });
}

for (const text of ['', 'Not A Name', 'UPPER', 'a:', 'a@sha256:1', 'a//b', ':tag', `a:${'x'.repeat(129)}`]) {
  test(`"${text.slice(0, 20)}" is no image`, () => {
    assert.equal(parseImageReference(text), undefined);
  });
}
