/** The command line as a value. Throws UserError for what cannot be meant. */
import { Command, CommanderError } from 'commander';
import { UserError } from '../base/errors.ts';

export interface RunArguments {
  readonly config: string | undefined;
  readonly dataDir: string | undefined;
  readonly set: readonly string[];
  readonly installDocker: boolean;
}

/** Either something to print and be done, or a site to run. */
export type CommandLine =
  | { readonly print: 'help' | 'version'; readonly text: string }
  | { readonly print: 'defaultconfig' | 'minconfig' }
  | { readonly print: 'nothing'; readonly run: RunArguments };

const EXAMPLES = `
Examples:
  sudo ./edgesite --install-docker            install Docker where it is missing, then run the site
  sudo ./edgesite --config conf/edgeSite.yaml run with a configuration file
  ./edgesite --defaultconfig > my.yaml        start a configuration of your own
  sudo ./edgesite --data-dir /srv/two --set apiserver.port=7443 --set edged.kubelet-port=11250 \\
      --set edged.read-only-port=0 --set metamanager.server=127.0.0.1:11550 \\
      --set mqtt.internal-server=tcp://127.0.0.1:2884        a second site on this machine
`;

export function parseArguments(argv: readonly string[], version: string): CommandLine {
  let printed = '';
  const command = new Command('edgesite')
    .description('A whole Kubernetes edge site in one process: API, controllers, node agent, MQTT broker, metaserver.')
    .option('--config <file>', 'configuration file (YAML)')
    .option('--data-dir <dir>', 'folder for all state (default: /var/lib/edgesite)')
    .option('--set <key=value>', 'set a key of the configuration; may be repeated', collect, [])
    .option('--install-docker', "install and start the distribution's Docker package first (Debian, Ubuntu)", false)
    .option('--minconfig', 'print a short configuration and exit')
    .option('--defaultconfig', 'print the whole configuration with its defaults and exit')
    .version(version, '--version', 'print the version and exit')
    .helpOption('--help', 'print this help and exit')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => undefined })
    .allowExcessArguments(false);
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    return interpret(error, printed);
  }
  const options = command.opts<{
    config?: string;
    dataDir?: string;
    set: string[];
    installDocker: boolean;
    minconfig?: true;
    defaultconfig?: true;
  }>();
  if (options.defaultconfig === true) return { print: 'defaultconfig' };
  if (options.minconfig === true) return { print: 'minconfig' };
  const { config, dataDir, set, installDocker } = options;
  return { print: 'nothing', run: { config, dataDir, set, installDocker } };
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function interpret(error: unknown, printed: string): CommandLine {
  if (!(error instanceof CommanderError)) throw error;
  if (error.code === 'commander.helpDisplayed') return { print: 'help', text: printed };
  if (error.code === 'commander.version') return { print: 'version', text: printed };
  const message = error.message.replace(/^error: /, '');
  throw new UserError(`${message}. --help lists what there is.`, { cause: error });
}
