/** What a caller may do. A role that is not one of these is ignored. */
export type Role = 'viewer' | 'service' | 'operator' | 'analyst';

/** Every role, in the order of the documents. */
export const ROLES: readonly Role[] = ['viewer', 'service', 'operator', 'analyst'];

/** Who asks, taken from a verified JWT and from nothing else. */
export interface Identity {
  /** `[a-z0-9-]{1,32}`. */
  readonly tenant: string;
  /** Absent for those who are no viewer: operators, analysts, services. */
  readonly account: string | undefined;
  readonly profile: string | undefined;
  readonly device: string | undefined;
  readonly roles: readonly Role[];
  /** Streams at once that the one who issued the token allows; policies may read it. */
  readonly maxStreams: number | undefined;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A viewer's identity, complete enough for a playback session. */
export type ViewerIdentity = Identity & { readonly account: string; readonly profile: string; readonly device: string };

/** Whether the identity names account, profile and device. */
export function isViewer(identity: Identity): identity is ViewerIdentity {
  return (
    identity.roles.includes('viewer') &&
    identity.account !== undefined &&
    identity.profile !== undefined &&
    identity.device !== undefined
  );
}
