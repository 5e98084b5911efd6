import { containerRuntimeSuite } from '../../contract/container-runtime/suite.ts';
import { dockerSite } from '../../support/docker-site.ts';

containerRuntimeSuite('Docker', dockerSite);
