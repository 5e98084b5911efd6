import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { replayTopic } from './oracle-replay.ts';

const CASES = new URL('../../../../../shared/oracle/cases/', import.meta.url).pathname;
const TOPICS = ['create', 'tables', 'validation', 'subresources', 'admission'];

/** Steps that other parts of the server answer, or that a controller has touched in between. */
const BEYOND_STRATEGIES = [
  'create/node-rich step 3', // an annotation of the node controller
  'tables/table-apiservice', // the status of the availability controller
  'validation/configmap-too-large', // the body is filled when it is sent
  'validation/service-faults step 7:', // addresses and ports that are not to be had
  'validation/service-faults step 9:',
  'validation/service-faults step 21:',
  'validation/service-faults step 22:',
  'validation/immutable-service step 5:', // upstream keeps a policy that it does not show
  'validation/immutable-metadata step 5:', // the registry keeps system metadata
  'validation/immutable-metadata step 7:',
  'subresources/binding step 6:',
  'admission/default-storageclass', // admission fills these in
  'admission/always-and-taint',
  'admission/vap-',
];

for (const topic of TOPICS) {
  test(`strategies answer the recorded cases of "${topic}" as kube-apiserver does`, (t) => {
    const file = `${CASES}${topic}.json`;
    if (!existsSync(file)) {
      t.skip('the recorded cases are not there');
      return;
    }
    const outcomes = replayTopic(file).filter(({ what }) => !BEYOND_STRATEGIES.some((each) => what.startsWith(each)));
    assert.ok(outcomes.length > 10, `only ${outcomes.length} steps were compared`);
    assert.deepEqual(
      outcomes.filter(({ differences }) => differences.length > 0),
      [],
    );
  });
}
