/** The address bar and the screen, kept in step both ways. */
import { DEFAULT_CHOICE, formatRoute, OF_NODE, parseRoute, type Page, type Pages, type Picks, type Route } from "./path";

interface Entry {
  /** True when this entry was made by opening a number, so that closing it may go back. */
  opened?: boolean;
}

export class Router {
  private pages = OF_NODE;
  route = $state.raw<Route>(this.read(new URL(location.href)));

  /** The route an address names. */
  read(url: URL): Route {
    return parseRoute(url, this.pages);
  }

  /** From now on these are the pages there are. */
  know(pages: Pages): void {
    this.pages = pages;
    this.route = this.read(new URL(location.href));
  }

  start(): void {
    window.addEventListener("popstate", () => {
      this.route = this.read(new URL(location.href));
    });
    document.addEventListener("click", (event) => this.follow(event));
  }

  /** The address of another page, in the language this address already names. */
  href(page: Page, pick?: Picks): string {
    return formatRoute({ page, pick, choice: DEFAULT_CHOICE, signals: [], language: this.route.language });
  }

  /** Shows the route with `patch` laid over it, as a new entry of the history. */
  go(patch: Partial<Route>, entry: Entry = {}): void {
    this.show({ ...this.route, ...patch }, (url) => history.pushState(entry, "", url));
  }

  /** The same without a new entry: for what is adjusted rather than visited. */
  adjust(patch: Partial<Route>): void {
    this.show({ ...this.route, ...patch }, (url) => history.replaceState(history.state, "", url));
  }

  /** Opens a number over the page's range, or over `choice`. */
  openNumber(number: NonNullable<Route["number"]>, choice = this.route.choice): void {
    if (this.route.number) this.adjust({ number });
    else this.go({ number, choice }, { opened: true });
  }

  closeNumber(): void {
    if (!this.route.number) return;
    if ((history.state as Entry | null)?.opened) history.back();
    else this.adjust({ number: undefined });
  }

  private show(route: Route, write: (url: string) => void): void {
    write(formatRoute(route));
    this.route = route;
  }

  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    const route = this.read(new URL(link.href));
    this.show(route, (url) => history.pushState({}, "", url));
    window.scrollTo(0, 0);
  }
}
