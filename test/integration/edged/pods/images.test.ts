import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeBusyboxImage } from '../../../support/test-image.ts';
import { EdgedSite, stateOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

/** No registry listens there: the refusal comes at once and from this machine. */
const NOWHERE = '127.0.0.1:9/nothing:1';

test('an image that cannot be pulled is told, then waited for', async () => {
  await site.run('pull', '', { image: NOWHERE, imagePullPolicy: 'IfNotPresent' });
  const failed = await site.untilWaiting('pull', 'ErrImagePull');
  assert.ok(stateOf(failed).waiting?.message?.startsWith(`failed to pull image "${NOWHERE}": `));
  const waiting = await site.untilWaiting('pull', 'ImagePullBackOff');
  assert.ok(stateOf(waiting).waiting?.message?.startsWith(`Back-off pulling image "${NOWHERE}": ErrImagePull: `));
  assert.equal(await site.event('pull', 'Pulling'), `Pulling image "${NOWHERE}"`);
  assert.equal(waiting.status?.phase, 'Pending');
});

test('an image that must not be pulled has to be there; the pod starts once it is', async () => {
  const image = `edgesite-${site.docker.siteId}/late:1`;
  await site.run('never', 'echo here', { image, imagePullPolicy: 'Never' }, { restartPolicy: 'Never' });
  const waiting = await site.untilWaiting('never', 'ErrImageNeverPull');
  assert.equal(
    stateOf(waiting).waiting?.message,
    `Container image "${image}" is not present with pull policy of Never`,
  );
  await makeBusyboxImage(site.docker.docker, image);
  try {
    assert.equal(await site.output('never'), 'here\n');
  } finally {
    await site.docker.docker.getImage(image).remove({ force: true });
  }
});

test('a name that is none is refused', async () => {
  await site.run('invalid', '', { image: 'Not A Name' });
  const waiting = await site.untilWaiting('invalid', 'InvalidImageName');
  assert.equal(
    stateOf(waiting).waiting?.message,
    `Failed to apply default image tag "Not A Name": couldn't parse image name "Not A Name": invalid reference format`,
  );
});

test('a command that is not in the image is told', async () => {
  await site.run('command', '', { command: ['/no/such/program'] });
  const pod = await site.until('command', 'has failed to start', (pod) => {
    const { waiting, terminated } = stateOf(pod);
    return (
      waiting?.reason === 'RunContainerError' || waiting?.reason === 'CrashLoopBackOff' || terminated !== undefined
    );
  });
  assert.match(JSON.stringify(pod.status?.containerStatuses), /no such file or directory/);
});
