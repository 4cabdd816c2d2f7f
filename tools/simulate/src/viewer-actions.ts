/** A beat as the gateway takes it. */
export interface BeatBody {
  readonly sequence: number;
  readonly state: 'STARTING' | 'PLAYING' | 'PAUSED' | 'REBUFFERING' | 'SEEKING' | 'ENDED';
  readonly positionMs: number;
  readonly durationMs?: number;
  readonly bitrateKbps: number;
  readonly bufferMs: number;
  readonly sentAt: number;
}

/** An event as the gateway takes it. */
export interface EventBody {
  readonly sequence: number;
  readonly type: string;
  readonly positionMs: number;
  readonly sentAt: number;
  readonly [field: string]: string | number | boolean;
}

/** What a player does towards the gateway. */
export type ViewerAction =
  | {
      readonly type: 'start';
      readonly body: { readonly contentId: string; readonly kind: string; readonly title: string };
    }
  | { readonly type: 'beat'; readonly body: BeatBody }
  | { readonly type: 'events'; readonly body: readonly EventBody[] }
  | { readonly type: 'stop' };

/** The part of an admission that decides how the player goes on. */
export interface SessionGrant {
  readonly intervalMs: number;
}
