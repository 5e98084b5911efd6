/** `kubectl -s http://…` through the metaserver: exec, attach, port-forward, logs, cp and proxies as with the API server. */
import { kubectlStreams } from '../../contract/kubectl-streams.ts';
import { MetaOverApi } from '../../support/meta-over-api.ts';

kubectlStreams(async (api) => {
  const meta = new MetaOverApi(api);
  await meta.server.start(new AbortController().signal);
  return { args: ['-s', meta.url], close: () => meta.server.close() };
});
