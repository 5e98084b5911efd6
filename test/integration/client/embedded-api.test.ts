import { createKubeClient, HttpTransport, InProcessTransport, loadKubeconfig } from '../../../src/client/index.ts';
import { testKubeClient } from '../../contract/kube-client.ts';
import { startApiServer } from '../../support/api-server.ts';

testKubeClient('embedded, in process', async () => {
  const api = await startApiServer();
  const transport = new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] });
  return { client: createKubeClient(transport), close: () => api.close() };
});

testKubeClient('embedded, over TLS with a client certificate', async () => {
  const api = await startApiServer();
  const transport = new HttpTransport({ connection: loadKubeconfig(api.kubeconfig), userAgent: 'test' });
  return {
    client: createKubeClient(transport),
    close: async () => {
      transport.close();
      await api.close();
    },
  };
});
