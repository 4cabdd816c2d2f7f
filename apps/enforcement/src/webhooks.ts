import type { TenantSettings } from '@playhead/event-schemas';
import type { WebhookKey } from './webhook-signature.ts';

/** Where a tenant is told of its streams, and by which key. */
export interface Webhook {
  readonly url: string;
  /** Undefined: the tenant names one that is not here, or not yet. */
  readonly key: WebhookKey | undefined;
  /** False: the tenant has chosen a host that it may not choose. */
  readonly isAllowed: boolean;
}

type OwnWebhook = Pick<Webhook, 'url' | 'isAllowed'> & { readonly kid: string | null };

/** What the webhooks go by. */
export interface WebhookOptions {
  readonly keys: readonly WebhookKey[];
  /** Of tenants that name none. */
  readonly url: string | undefined;
  /** Hosts that tenants may name, each as a whole and without a port; undefined: any. */
  readonly hosts?: readonly string[] | undefined;
}

/** Most tenants with an address of their own; one that comes when there are as many is told at the installation's. */
const MAX_TENANTS = 10_000;

/** The webhooks of the tenants, as `tenants.settings` has them, and the installation's for all others. */
export class Webhooks {
  readonly #tenants = new Map<string, OwnWebhook>();
  readonly #keys: readonly WebhookKey[];
  readonly #otherwise: string | undefined;
  readonly #hosts: readonly string[] | undefined;

  constructor({ keys, url, hosts }: WebhookOptions) {
    this.#keys = keys;
    this.#otherwise = url;
    this.#hosts = hosts?.map((host) => host.toLowerCase());
  }

  /** Takes a record of `tenants.settings`. */
  apply(tenant: string, settings: TenantSettings | null): void {
    const { webhookUrl = null, webhookKeyId = null } = settings ?? {};
    if (webhookUrl === null) this.#tenants.delete(tenant);
    else if (this.#tenants.has(tenant) || this.#tenants.size < MAX_TENANTS) {
      this.#tenants.set(tenant, { url: webhookUrl, kid: webhookKeyId, isAllowed: this.#mayBeNamed(webhookUrl) });
    }
  }

  /** Undefined: nobody is told, because there is no address, or no key at all. */
  of(tenant: string): Webhook | undefined {
    const own = this.#tenants.get(tenant);
    const url = own?.url ?? this.#otherwise;
    if (url === undefined || this.#keys.length === 0) return undefined;
    const kid = own?.kid ?? this.#keys[0]?.kid;
    return {
      url,
      key: this.#keys.find((candidate) => candidate.kid === kid),
      isAllowed: own?.isAllowed ?? true,
    };
  }

  #mayBeNamed(url: string): boolean {
    return this.#hosts === undefined || this.#hosts.includes(URL.parse(url)?.hostname ?? '');
  }
}
