export type {
  Admission,
  Answer,
  Authenticator,
  Authorizer,
  ConnectRefusal,
  Credentials,
  Identity,
  Peer,
} from './access/ports.ts';
export { AccessFiles } from './access/access-files.ts';
export { ACCESS_SECRET, AccessSecret } from './access/access-secret.ts';
export { type AccessRules, ClientAccess } from './access/client-access.ts';
export { LoginLanes } from './access/login-lanes.ts';
export { TokenReviewer } from './access/token-reviewer.ts';
export { assertGuarded, listenAddress } from './listen/address.ts';
export type { ListenerTls } from './listen/listener.ts';
export { TopicBridge } from './topic-bridge.ts';
export type { Message, MessageBus, MessageHandler, PublishOptions, Qos } from './message-bus.ts';
export type { BrokerLimits } from './limits.ts';
export { MqttBroker, type MqttBrokerOptions } from './mqtt-broker.ts';
export { ExternalBroker, type ExternalBrokerOptions } from './external-broker.ts';
export { JoinedBus } from './joined-bus.ts';
export { RemoteBroker } from './remote-broker.ts';
