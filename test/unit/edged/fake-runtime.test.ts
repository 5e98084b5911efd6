import { containerRuntimeSuite } from '../../contract/container-runtime/suite.ts';
import { FakeRuntime } from '../../support/fake-runtime.ts';

containerRuntimeSuite('fake runtime', async () => {
  const runtime = new FakeRuntime();
  runtime.addImage('busybox:1');
  return { runtime, image: 'busybox:1', close: async () => {} };
});
