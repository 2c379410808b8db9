/** What is missing, as a sentence: its first letter is raised, but a name is left as people write it. */
import type { Lack } from "../api/types";

export function sentence({ what }: Lack, name: string): string {
  return what.startsWith(name) ? what : what.charAt(0).toUpperCase() + what.slice(1);
}
