/** Reason codes of MQTT 5 (section 2.4), and what MQTT 3 says in their place. @facts */

export const REASON = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noMatchingSubscribers: 0x10,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  implementationSpecific: 0x83,
  unsupportedVersion: 0x84,
  clientIdRejected: 0x85,
  badCredentials: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  shuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrative: 0x98,
  sharedNotSupported: 0x9e,
} as const;

export type Reason = (typeof REASON)[keyof typeof REASON];

/** Return codes of CONNACK in MQTT 3.1.1, table 3.1. */
const RETURN_CODES: Readonly<Partial<Record<Reason, number>>> = {
  [REASON.success]: 0,
  [REASON.unsupportedVersion]: 1,
  [REASON.clientIdRejected]: 2,
  [REASON.serverUnavailable]: 3,
  [REASON.badCredentials]: 4,
  [REASON.notAuthorized]: 5,
};

/** Absent: MQTT 3 has no word for it, the connection just ends. */
export function returnCodeOf(reason: Reason): number | undefined {
  return RETURN_CODES[reason];
}

/** A client broke the protocol or a limit: its connection ends, with the reason where it speaks MQTT 5. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly reason: Reason;

  constructor(message: string, reason: Reason = REASON.malformed) {
    super(message);
    this.reason = reason;
  }
}
