/** Who sits at this screen, and what they may do. */
import type { Client } from "../api/client";

export interface Grant {
  role: string;
  scope: string;
}

export interface Known {
  known: boolean;
  name: string | null;
  permissions: string[];
  roles: Grant[];
  /** Whether log-in asks for the digits of an app. */
  app: boolean;
  /** Whether they have to have one, have none, and so can do nothing else than add it. */
  app_needed: boolean;
  /** The provider they signed in by; those one may sign in by, for who is not known. */
  provider: string | null;
  providers: { id: string; name: string }[];
  session: boolean;
  /** Whether everybody at this computer may do everything. */
  open: boolean;
  /** Whether no account is made yet. */
  first: boolean;
  /** What the owner says to whoever is about to log in. */
  notice: string | null;
  known_roles: string[];
}

export class Me {
  who = $state.raw<Known>();

  /** Whether codes are on the screen that are not shown again. */
  noting = $state(false);

  constructor(private readonly client: Client) {}

  async load(): Promise<void> {
    this.who = await this.client.get<Known>("me");
  }

  /** Whether an app has to be added before anything else. */
  get needsApp(): boolean {
    return (this.who?.app_needed ?? false) || this.noting;
  }

  /** Whether they are known, and may go on to the pages. */
  get inside(): boolean {
    return (this.who?.known ?? false) && !this.needsApp;
  }

  may(permission: string): boolean {
    return this.who?.permissions.includes(permission) ?? false;
  }

  async logOut(everywhere = false): Promise<void> {
    const { address } = await this.client.send<{ address: string | null }>("POST", "logout", { everywhere });
    location.assign(address ?? "/");
  }
}
