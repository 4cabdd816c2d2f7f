/** A broker that can be killed. */
export interface BrokerUnderTest {
  readonly port: number;
  /** Ends it and starts it on the data that is there; resolves when it serves. Undefined: it is not ours. */
  readonly restart: (() => Promise<void>) | undefined;
  close(): Promise<void>;
}
