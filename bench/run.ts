/**
 * `npm run bench`: what the site costs and how fast it is, as a table. `-- twins` measures device twins, `-- metaserver`
 * the metaserver, `-- services` the service proxy; `-- api` points a load generator at it, `-- mqtt` one at the broker and at mosquitto, where they are at
 * hand.
 */
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { removeSiteFromDocker } from '../test/support/site-docker.ts';
import { freePorts, SiteProcess, temporaryFolder } from '../test/support/site-process.ts';
import { measureMetaserver } from './metaserver/metaserver.ts';
import { measureMqtt } from './mqtt.ts';
import { measureServices } from './services.ts';
import { measureSite } from './site.ts';
import { measureTwins } from './twins.ts';
import { printTable } from './table.ts';

/** Public load generators, beside the checkout on the machines of the project. */
const GENERATORS = '../shared/bench';

const [what = 'site'] = process.argv.slice(2);
if (what === 'site') printTable(await measureSite());
else if (what === 'metaserver') printTable(await measureMetaserver(process.argv[3]));
else if (what === 'services') printTable(measureServices());
else if (what === 'twins') await twins();
else await generate(what, process.argv.slice(3));

async function generate(name: string, args: readonly string[]): Promise<void> {
  const script = `${GENERATORS}/bench-${name}.mjs`;
  if (!existsSync(script)) {
    console.error(`bench: no load generator for "${name}": ${script} is not there`);
    process.exitCode = 2;
    return;
  }
  if (name === 'mqtt') return measureMqtt(script, args);
  const folder = await temporaryFolder();
  const site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts() });
  try {
    spawnSync(process.execPath, [script, '--kubeconfig', site.kubeconfig, ...args], { stdio: 'inherit' });
  } finally {
    await site.stop();
    await removeSiteFromDocker(folder.path);
    await folder.remove();
  }
}

async function twins(): Promise<void> {
  const folder = await temporaryFolder();
  const site = await SiteProcess.start({ dataDir: folder.path, ports: await freePorts() });
  const { kubeconfig, child, options } = site;
  try {
    printTable(await measureTwins({ mqttPort: options.ports.mqtt, pid: child.pid ?? 0, kubeconfig }));
  } finally {
    await site.stop();
    await removeSiteFromDocker(folder.path);
    await folder.remove();
  }
}
