export type {
  Admission,
  Answer,
  Authenticator,
  Authorizer,
  ConnectRefusal,
  Credentials,
  Identity,
  Peer,
} from './access.ts';
export { OPEN_ACCESS } from './access.ts';
export type { Message, MessageBus, MessageHandler, PublishOptions, Qos } from './message-bus.ts';
export type { BrokerLimits } from './limits.ts';
export { MqttBroker, type MqttBrokerOptions } from './mqtt-broker.ts';
export { ExternalBroker, type ExternalBrokerOptions } from './external-broker.ts';
export { JoinedBus } from './joined-bus.ts';
