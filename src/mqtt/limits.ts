/** What one client, and all of them together, may take of the broker. docs/mqtt.md says what happens at each limit. */
export interface BrokerLimits {
  readonly maxConnections: number;
  /** Fixed header, topic and payload together. */
  readonly maxPacketBytes: number;
  /** Packets a second from one client; beyond it the client is read more slowly. */
  readonly maxPacketsPerSecond: number;
  /** For the first packet to arrive. */
  readonly connectTimeoutMs: number;
  /** What a client of MQTT 5 is told where it asks for a longer one, or none. */
  readonly maxKeepAliveSeconds: number;

  /** Bytes that wait for a client that reads too slowly: beyond it QoS 0 is dropped, and the client is not read. */
  readonly slowClientBytes: number;
  /** A client that takes none of the bytes that wait for it for so long is disconnected. */
  readonly stalledClientMs: number;
  /** Messages with QoS 1 and 2 sent to a client and not acknowledged yet. */
  readonly maxInflight: number;
  /** Messages, and their bytes, that wait in memory for the window of a connected client. */
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  /** The same bytes of all clients together. */
  readonly maxWaitingBytesTotal: number;
  /** Messages, and their bytes, of one client that are being stored or handled; beyond it the client is not read. */
  readonly maxStoring: number;
  readonly maxStoringBytes: number;
  /** QoS 2 messages of a client that await PUBREL. */
  readonly maxIncoming: number;

  /** Messages, and their bytes, in the stored queues of all sessions together. */
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  readonly maxRetained: number;
  readonly maxRetainedBytes: number;
  readonly maxSubscriptionsPerClient: number;
  readonly maxTopicLevels: number;
  readonly maxTopicAliases: number;
  /** A session whose client does not come back for so long ends. */
  readonly sessionExpirySeconds: number;
  /** Sessions whose clients are away. */
  readonly maxStoredSessions: number;
}

const MIB = 1024 * 1024;
const DAY_SECONDS = 24 * 60 * 60;

export const DEFAULT_LIMITS: BrokerLimits = {
  maxConnections: 10_000,
  maxPacketBytes: MIB,
  maxPacketsPerSecond: 1_000_000,
  connectTimeoutMs: 10_000,
  maxKeepAliveSeconds: 3_600,

  slowClientBytes: MIB,
  stalledClientMs: 60_000,
  maxInflight: 1_000,
  maxWaiting: 20_000,
  maxWaitingBytes: 4 * MIB,
  maxWaitingBytesTotal: 64 * MIB,
  maxStoring: 1_000,
  maxStoringBytes: 4 * MIB,
  maxIncoming: 1_000,

  maxQueued: 500_000,
  maxQueuedBytes: 512 * MIB,
  maxRetained: 100_000,
  maxRetainedBytes: 64 * MIB,
  maxSubscriptionsPerClient: 1_000,
  maxTopicLevels: 100,
  maxTopicAliases: 100,
  sessionExpirySeconds: 7 * DAY_SECONDS,
  maxStoredSessions: 50_000,
};
